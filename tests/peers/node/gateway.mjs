// A real Wechaty gateway (PuppetServer of wechaty-puppet-service) before a mocked WeChat, for the tests.
//   node gateway.mjs GRPC_PORT CONTROL_PORT TOKEN
// What the mocked world sees is printed as JSON lines; it is steered by POST /NAME with a JSON body. Loopback only.
import http from 'node:http'
import { FileBox } from 'file-box'
import { PuppetMock, mock } from 'wechaty-puppet-mock'
import { PuppetServer } from 'wechaty-puppet-service'

const [, , grpcPort, controlPort, token] = process.argv
const tell = (fact) => process.stdout.write(JSON.stringify(fact) + '\n')
const faults = { failSend: false }

class Puppet extends PuppetMock {
  // Real puppets answer a send with the new message's id; the mock answers nothing.
  async _messageSend (conversation, something) {
    const known = new Set(this.mocker.cacheMessagePayload.keys())
    await super._messageSend(conversation, something)
    for (const id of this.mocker.cacheMessagePayload.keys()) if (!known.has(id)) return id
  }

  async messageSendText (conversation, text, mentions) {
    if (faults.failSend) throw new Error('refused by the test')
    tell({ sent: text, to: conversation, mentions })
    return super.messageSendText(conversation, text)
  }
}

const mocker = new mock.Mocker()
const puppet = new Puppet({ mocker })
const bot = mocker.createContact({ id: 'wxid_bot', name: process.env.BOT_NAME ?? '客服(1)*', alias: '' })
const people = {
  wxid_mary: mocker.createContact({ id: 'wxid_mary', name: 'Mary', alias: '' }),
  wxid_tom: mocker.createContact({ id: 'wxid_tom', name: 'Tom', alias: '' }),
  wxid_bot: bot,
}
const room = mocker.createRoom({
  id: '1@chatroom', topic: '客服群', memberIdList: Object.keys(people), ownerId: 'wxid_mary', adminIdList: [],
})
puppet.on('error', () => {})
mocker.use(() => {
  if (!puppet.isLoggedIn) mocker.login(bot)
  return () => {}
})

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
let number = 0
const steer = {
  say: (q) => people[q.from ?? 'wxid_mary'].say(q.text).to(bot),
  room: (q) => people[q.from ?? 'wxid_mary'].say(q.text, (q.mention ?? []).map((id) => people[id])).to(room),
  image: (q) => people[q.from ?? 'wxid_mary'].say(FileBox.fromBase64(pixel, 'a.png')).to(bot),
  selfsay: (q) => bot.say(q.text).to(people.wxid_mary),
  raw: (q) => {
    const id = q.payload.id ?? `raw-${process.pid}-${++number}`
    const payload = { talkerId: 'wxid_mary', listenerId: 'wxid_bot', timestamp: Date.now(), type: 7, text: '', ...q.payload, id }
    mocker.cacheMessagePayload.set(id, payload)
    puppet.emit('message', { messageId: id })
  },
  emit: (q) => puppet.emit(q.event, q.payload),
  logout: () => puppet.logout('test'),
  login: () => mocker.login(bot),
  faults: (q) => Object.assign(faults, q),
}

await new PuppetServer({ endpoint: `127.0.0.1:${grpcPort}`, puppet, token, tls: { disable: true } }).start()
http.createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  try {
    await steer[request.url.slice(1)](body ? JSON.parse(body) : {})
    response.end('ok')
  } catch (error) {
    response.statusCode = 500
    response.end(String(error))
  }
}).listen(Number(controlPort), '127.0.0.1', () => tell({ listening: true }))
