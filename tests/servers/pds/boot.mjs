// Boots the real Bluesky PDS on loopback for tests, with a small PLC directory
// in the same process. Prints one JSON line on stdout when it is ready.
//
//   node boot.mjs [--dir DIR] [--port N] [--plc-port N] [--blob-limit BYTES]
//                 [--rate-limits] [--stdin-guard]
//
// DIR keeps everything (SQLite files, blobs, keys, PLC log); a second start on
// the same DIR and ports serves the same accounts, so a test may kill it and
// start it again. Port 0 (the default) takes a free one and remembers it in DIR.
// SIGTERM stops it cleanly; with --stdin-guard so does the end of its stdin, so
// that it never outlives the test run that holds the pipe. Needs Node >= 22.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import os from 'node:os'
import { parseArgs } from 'node:util'

const HOST = '127.0.0.1'
const { values: opt } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '0' },
    'plc-port': { type: 'string', default: '0' },
    'blob-limit': { type: 'string', default: String(5 * 1024 * 1024) },
    'rate-limits': { type: 'boolean', default: false },
    'stdin-guard': { type: 'boolean', default: false },
  },
})

const dir = opt.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'pds-'))
fs.mkdirSync(path.join(dir, 'blobs'), { recursive: true })

// Keys and ports are made once per DIR, so that a restart finds its accounts.
const stateFile = path.join(dir, 'state.json')
const state = fs.existsSync(stateFile)
  ? JSON.parse(fs.readFileSync(stateFile, 'utf8'))
  : {
      rotationKey: randomBytes(32).toString('hex'),
      jwtSecret: randomBytes(16).toString('hex'),
      dpopSecret: randomBytes(32).toString('hex'),
      adminPassword: randomBytes(16).toString('hex'),
    }
const freePort = () =>
  new Promise((resolve, reject) => {
    const s = net.createServer().once('error', reject)
    s.listen(0, HOST, () => {
      const { port } = s.address()
      s.close(() => resolve(port))
    })
  })
state.port = Number(opt.port) || state.port || (await freePort())
state.plcPort = Number(opt['plc-port']) || state.plcPort || (await freePort())
fs.writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 })

// The PDS listens on every interface; a test server must not, so give listen()
// our host wherever the caller left it out.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const [a, b] = args
  if (typeof a === 'number' && typeof b !== 'string') args.splice(1, 0, HOST)
  else if (a && typeof a === 'object' && a.port != null && !a.host) args[0] = { ...a, host: HOST }
  return listen.apply(this, args)
}

process.env.LOG_ENABLED ??= 'false'
const plc = await import('@did-plc/lib').then((m) => m.default ?? m)
const { PDS } = await import('@atproto/pds')

// --- PLC directory: the routes the PDS calls, each operation checked with the
// official library's own rules; one JSON line per operation on disk.
const plcLog = path.join(dir, 'plc.jsonl')
const ops = new Map() // did -> [{did, operation, cid, nullified, createdAt}]
const keep = (entry) => ops.set(entry.did, [...(ops.get(entry.did) ?? []), entry])
if (fs.existsSync(plcLog))
  for (const line of fs.readFileSync(plcLog, 'utf8').split('\n').filter(Boolean)) keep(JSON.parse(line))

const plcServer = http.createServer(async (req, res) => {
  const send = (status, body, type = 'application/json') => {
    res.writeHead(status, { 'content-type': type })
    res.end(JSON.stringify(body))
  }
  try {
    const [did, ...rest] = decodeURIComponent(new URL(req.url, 'http://plc').pathname).slice(1).split('/')
    if (did === '_health') return send(200, { version: 'test' })
    const known = ops.get(did) ?? []
    if (req.method === 'POST') {
      const chunks = []
      for await (const c of req) chunks.push(c)
      const operation = JSON.parse(Buffer.concat(chunks))
      const { CID } = await import('multiformats/cid')
      await plc.assureValidNextOp(
        did,
        known.map((e) => ({ ...e, cid: CID.parse(e.cid), createdAt: new Date(e.createdAt) })),
        operation,
      )
      const { cid } = await plc.getLastOpWithCid([operation])
      const entry = { did, operation, cid: cid.toString(), nullified: false, createdAt: new Date().toISOString() }
      fs.appendFileSync(plcLog, JSON.stringify(entry) + '\n')
      keep(entry)
      return send(200, {})
    }
    if (!known.length) return send(404, { message: `DID not registered: ${did}` })
    const log = known.map((e) => e.operation)
    const last = log.at(-1)
    const data = plc.opToData(did, last)
    if (!data) return send(410, { message: `DID not available: ${did}` })
    switch (rest.join('/')) {
      case '':
        return send(200, plc.formatDidDoc(data), 'application/did+ld+json')
      case 'data':
        return send(200, data)
      case 'log':
        return send(200, log)
      case 'log/audit':
        return send(200, known)
      case 'log/last':
        return send(200, last)
      default:
        return send(404, { message: 'not found' })
    }
  } catch (err) {
    send(400, { message: String(err?.message ?? err) })
  }
})
await new Promise((resolve, reject) => plcServer.once('error', reject).listen(state.plcPort, HOST, resolve))

const env = {
  PDS_PORT: state.port,
  PDS_HOSTNAME: 'localhost',
  PDS_DEV_MODE: 'true',
  PDS_INVITE_REQUIRED: 'false',
  PDS_DATA_DIRECTORY: dir,
  PDS_BLOBSTORE_DISK_LOCATION: path.join(dir, 'blobs'),
  PDS_BLOBSTORE_DISK_TMP_LOCATION: path.join(dir, 'blobs-tmp'),
  PDS_BLOB_UPLOAD_LIMIT: opt['blob-limit'],
  PDS_DID_PLC_URL: `http://${HOST}:${state.plcPort}`,
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_RATE_LIMITS_ENABLED: String(opt['rate-limits']),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: state.rotationKey,
  PDS_JWT_SECRET: state.jwtSecret,
  PDS_DPOP_SECRET: state.dpopSecret,
  PDS_ADMIN_PASSWORD: state.adminPassword,
}
for (const [k, v] of Object.entries(env)) process.env[k] = String(v)
const pds = await PDS.fromEnv()
await pds.start()

const url = `http://${HOST}:${state.port}`
const stop = async () => {
  await pds.destroy().catch(() => {})
  plcServer.close()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (opt['stdin-guard']) process.stdin.on('end', stop).resume()

// jwtSecret lets a test mint a session token of its own, e.g. an expired one (HS256).
const { adminPassword, jwtSecret } = state
console.log(JSON.stringify({ url, plc: env.PDS_DID_PLC_URL, dir, pid: process.pid, adminPassword, jwtSecret }))
