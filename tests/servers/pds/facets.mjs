// What Bluesky's own library finds in each text of a JSON list on stdin: the facets of each, before handles are
// resolved (a mention's "did" is its handle), as a JSON list on stdout.
import { RichText } from '@atproto/api'

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const found = JSON.parse(Buffer.concat(chunks)).map((text) => {
  const rich = new RichText({ text })
  rich.detectFacetsWithoutResolution()
  return rich.facets ?? []
})
process.stdout.write(JSON.stringify(found))
