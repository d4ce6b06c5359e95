import {
  type ExpectedMessageDevice,
  eventIdOf,
  newCallId,
  newInstance,
  newPushToken,
  type Report,
  type Story,
  secondOf,
} from './traffic.ts';

/** One message as Flexisip reports it; seconds count from its sending. */
class Text {
  readonly id: string;
  readonly from: string;
  readonly #start: number;

  constructor(from: string, to: string, start: number) {
    this.from = from;
    this.#start = start;
    this.id = eventIdOf(from, to, newCallId());
  }

  /** Body E. */
  announced(to: Readonly<Record<string, readonly string[]>>, { conference = null as string | null, statuses = [200] } = {}): Report {
    return {
      method: 'POST',
      path: 'messages',
      body: {
        conference_id: conference,
        encrypted: false,
        from: this.from,
        id: this.id,
        sent_at: this.#second(0),
        to: Object.fromEntries(
          Object.entries(to).map(([address, devices]) => [address, Object.fromEntries(devices.map((device) => [device, null]))]),
        ),
      },
      statuses,
    };
  }

  /** Body F: any answer of a device. */
  answered(to: string, device: string, second: number, status: number, statuses: readonly number[] = [201]): Report {
    const body = { last_status: status, received_at: this.#second(second) };
    return { method: 'PATCH', path: `messages/${this.id}/to/${to}/devices/${device}`, body, statuses };
  }

  /** What the device must show when its last report is sent again. */
  expected(to: string, device: string, second: number, status: number): ExpectedMessageDevice {
    return {
      report: this.answered(to, device, second, status, [200]),
      message_id: this.id,
      to,
      device_id: device,
      last_status: status,
      received_at: this.#second(second),
    };
  }

  #second(after: number): string {
    return secondOf(this.#start + after * 1_000);
  }
}

const either = [200, 201];

/** The messages of one evening, to and from `us`. `start`: ms since 1970, whole seconds. */
export const messageStories = (us: string, domain: string, start: number): readonly Story[] => {
  const tony = `tony@${domain}`;
  let minute = 0;
  const text = (from: string, to: string): Text => new Text(from, to, start + minute++ * 60_000);
  return [
    online(text(tony, us), us),
    offlineFirst(text(us, tony), tony),
    groupChat(text(us, `chatroom-1@conference.${domain}`), [tony, `+33612345678@${domain}`, 'jane@elsewhere.example']),
    overtaken(text(tony, us), us),
    allAtOnce(text(tony, us), us),
    announcedTwice(text(us, tony), tony),
  ];
};

const online = (message: Text, to: string): Story => {
  const [phone, tablet] = [newInstance(), newInstance()];
  return {
    name: 'a message to two devices',
    order: 'in order',
    reports: [message.announced({ [to]: [phone, tablet] }), message.answered(to, phone, 1, 200), message.answered(to, tablet, 2, 200)],
    messageDevices: [message.expected(to, phone, 1, 200), message.expected(to, tablet, 2, 200)],
  };
};

const offlineFirst = (message: Text, to: string): Story => {
  const [phone, sleeping] = [newInstance(), newPushToken()];
  return {
    name: 'a message to a device that is offline at first',
    order: 'in order',
    reports: [
      message.announced({ [to]: [phone, sleeping] }),
      message.answered(to, phone, 1, 200),
      message.answered(to, sleeping, 1, 503),
      message.answered(to, sleeping, 3_600, 200, [200]),
      message.answered(to, sleeping, 1, 503, [200]), // sent again: never back from delivered
    ],
    messageDevices: [message.expected(to, phone, 1, 200), message.expected(to, sleeping, 3_600, 200)],
  };
};

/** The client's message to the conference server is announced; the server's messages to participants are only answered, under its id. */
const groupChat = (message: Text, participants: readonly string[]): Story => {
  const devices = participants.flatMap((to) => [newInstance(), newInstance()].map((device) => [to, device] as const));
  return {
    name: 'a message to a group of three with two devices each',
    order: 'in order',
    reports: [
      message.announced({}, { conference: 'chatroom-1' }),
      ...devices.map(([to, device], place) => message.answered(to, device, place + 1, place === 5 ? 408 : 200)),
    ],
    messageDevices: devices.map(([to, device], place) => message.expected(to, device, place + 1, place === 5 ? 408 : 200)),
  };
};

const overtaken = (message: Text, to: string): Story => {
  const phone = newInstance();
  return {
    name: 'a message announced after its answer (2.3, 2.4)',
    order: 'in order',
    reports: [message.answered(to, phone, 1, 202), message.announced({ [to]: [phone] })],
    messageDevices: [message.expected(to, phone, 1, 202)],
  };
};

const allAtOnce = (message: Text, to: string): Story => {
  const phone = newInstance();
  return {
    name: 'a message reported at once (2.3, 2.4)',
    order: 'at once',
    reports: [
      message.announced({ [to]: [phone] }),
      message.answered(to, phone, 1, 408, either),
      message.answered(to, phone, 9, 200, either),
      message.answered(to, phone, 9, 200, either),
    ],
    messageDevices: [message.expected(to, phone, 9, 200)],
  };
};

const announcedTwice = (message: Text, to: string): Story => ({
  name: 'a message announced twice',
  order: 'in order',
  reports: [message.announced({ [to]: [] }), message.announced({ [to]: [] }, { statuses: [400] })],
});
