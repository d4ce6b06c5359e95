import {
  type ExpectedCall,
  eventIdOf,
  newCallId,
  newInstance,
  newMadeUpId,
  newPushToken,
  type Report,
  type Story,
  secondOf,
} from './traffic.ts';

/** One dialog as Flexisip reports it; seconds count from its INVITE. */
class Dialog {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly #callId = newCallId();
  readonly #start: number;

  constructor(from: string, to: string, start: number) {
    this.from = from;
    this.to = to;
    this.#start = start;
    this.id = eventIdOf(from, to, this.#callId);
  }

  second(after: number): string {
    return secondOf(this.#start + after * 1_000);
  }

  /** Body A. Before 2.6 there is no `sip_call_id`. */
  announced(devices: readonly string[], { statuses = [200], withCallId = true } = {}): Report {
    return {
      method: 'POST',
      path: 'calls',
      body: {
        conference_id: null,
        devices: Object.fromEntries(devices.map((device) => [device, null])),
        ended_at: null,
        from: this.from,
        id: this.id,
        initiated_at: this.second(0),
        ...(withCallId ? { sip_call_id: this.#callId } : {}),
        to: this.to,
      },
      statuses,
    };
  }

  /** Body B: a 180 of a device. */
  rang(device: string, second: number, statuses: readonly number[] = [201]): Report {
    return this.#device(device, { rang_at: this.second(second) }, statuses);
  }

  /** Body C: a final answer that was forwarded, or a cancelled branch. */
  terminated(device: string, second: number, state: string, statuses: readonly number[] = [200]): Report {
    return this.#device(device, { invite_terminated: { at: this.second(second), state } }, statuses);
  }

  /** Body D: a BYE of either side. */
  ended(second: number, statuses: readonly number[] = [200]): Report {
    return { method: 'PATCH', path: `calls/${this.id}`, body: { ended_at: this.second(second) }, statuses };
  }

  expected(endedAfter: number | null, devices: readonly (readonly [string, number | null, number | null, string | null])[]): ExpectedCall {
    const moment = (after: number | null): string | null => (after === null ? null : this.second(after));
    return {
      id: this.id,
      from: this.from,
      to: this.to,
      initiated_at: this.second(0),
      ended_at: moment(endedAfter),
      devices: devices.map(([device_id, rang, ended, state]) => ({
        device_id,
        rang_at: moment(rang),
        invite_terminated_at: moment(ended),
        invite_terminated_state: state,
      })),
    };
  }

  #device(device: string, body: object, statuses: readonly number[]): Report {
    return { method: 'PATCH', path: `calls/${this.id}/devices/${device}`, body, statuses };
  }
}

/** Any of the answers that a report may get when its order is left to chance. */
const either = [200, 201];
const endedOrEarly = [200, 404];

/** The calls of one evening: `us` is the account whose calls are read back. `start`: ms since 1970, whole seconds. */
export const callStories = (us: string, domain: string, start: number): readonly Story[] => {
  const tony = `tony@${domain}`;
  let minute = 0;
  const dialog = (from: string, to: string): Dialog => new Dialog(from, to, start + minute++ * 60_000);
  return [
    answered(dialog(tony, us)),
    missed(dialog(tony, us)),
    declined(dialog(us, tony)),
    canceledBeforeItRang(dialog(us, `+33612345678@${domain}`)),
    busy(dialog(us, 'jane@elsewhere.example')),
    lateWakeUp(dialog('jane@elsewhere.example', us)),
    resent(dialog(tony, us)),
    twoProxies(dialog(us, tony)),
    overtakenByAll(dialog(tony, us)),
    allAtOnce(dialog(tony, us)),
    allAtOnceBackwards(dialog(us, tony)),
    chatRoomBye(dialog(us, `chatroom-1@conference.${domain}`)),
    inviteWithoutSdp(dialog(us, `chatroom-2@conference.${domain}`)),
  ];
};

const answered = (call: Dialog): Story => {
  const [phone, tablet, desktop] = [newInstance(), newInstance(), newInstance()];
  return {
    name: 'answered on one of three devices',
    order: 'in order',
    reports: [
      call.announced([phone, tablet, desktop]),
      call.rang(phone, 1),
      call.rang(tablet, 1),
      call.rang(desktop, 2),
      call.terminated(phone, 18, 'accepted'),
      call.terminated(tablet, 18, 'accepted_elsewhere'),
      call.terminated(desktop, 18, 'accepted_elsewhere'),
      call.ended(55),
      call.ended(56), // the other side's BYE
    ],
    call: call.expected(55, [
      [phone, 1, 18, 'accepted'],
      [tablet, 1, 18, 'accepted_elsewhere'],
      [desktop, 2, 18, 'accepted_elsewhere'],
    ]),
  };
};

const missed = (call: Dialog): Story => {
  const [phone, tablet] = [newInstance(), newInstance()];
  return {
    name: 'missed on two devices, each rings twice',
    order: 'in order',
    reports: [
      call.announced([phone, tablet]),
      call.rang(phone, 1),
      call.rang(tablet, 1),
      call.rang(phone, 4, [200]), // every 180 is reported
      call.rang(tablet, 4, [200]),
      call.terminated(phone, 30, 'canceled'),
      call.terminated(tablet, 30, 'canceled'),
    ],
    call: call.expected(null, [
      [phone, 1, 30, 'canceled'],
      [tablet, 1, 30, 'canceled'],
    ]),
  };
};

const declined = (call: Dialog): Story => {
  const [phone, later] = [newInstance(), newInstance()];
  return {
    name: 'declined; a device of a lower group never rang',
    order: 'in order',
    reports: [
      call.announced([phone, later]),
      call.rang(phone, 1),
      call.terminated(phone, 5, 'declined'),
      call.terminated(later, 5, 'declined_elsewhere', [201]),
    ],
    call: call.expected(null, [
      [phone, 1, 5, 'declined'],
      [later, null, 5, 'declined_elsewhere'],
    ]),
  };
};

const canceledBeforeItRang = (call: Dialog): Story => {
  const token = newPushToken();
  return {
    name: 'canceled before a push token rang',
    order: 'in order',
    reports: [call.announced([token]), call.terminated(token, 2, 'canceled', [201])],
    call: call.expected(null, [[token, null, 2, 'canceled']]),
  };
};

const busy = (call: Dialog): Story => {
  const madeUp = newMadeUpId();
  return {
    name: 'busy, reported by a Flexisip before 2.6',
    order: 'in order',
    reports: [call.announced([madeUp], { withCallId: false }), call.rang(madeUp, 1), call.terminated(madeUp, 2, 'error')],
    call: call.expected(null, [[madeUp, 1, 2, 'error']]),
  };
};

const lateWakeUp = (call: Dialog): Story => {
  const [desktop, phone] = [newInstance(), newInstance()];
  return {
    name: 'answered; a phone wakes up by push after the end',
    order: 'in order',
    reports: [
      call.announced([desktop]),
      call.rang(desktop, 1),
      call.terminated(desktop, 3, 'accepted'),
      call.ended(20),
      call.rang(phone, 21),
    ],
    call: call.expected(20, [
      [desktop, 1, 3, 'accepted'],
      [phone, 21, null, null],
    ]),
  };
};

const resent = (call: Dialog): Story => {
  const phone = newInstance();
  const told = [call.rang(phone, 1), call.terminated(phone, 9, 'accepted'), call.ended(40)];
  return {
    name: 'answered; every PATCH is sent again',
    order: 'in order',
    reports: [call.announced([phone]), ...told, ...told.map((report) => ({ ...report, statuses: [200] }))],
    call: call.expected(40, [[phone, 1, 9, 'accepted']]),
  };
};

const twoProxies = (call: Dialog): Story => {
  const phone = newInstance();
  return {
    name: 'reported by two proxies of one cluster',
    order: 'in order',
    reports: [
      call.announced([phone]),
      call.announced([], { statuses: [400] }),
      call.rang(phone, 2),
      call.rang(phone, 1, [200]),
      call.terminated(phone, 9, 'accepted_elsewhere'),
      call.terminated(phone, 9, 'accepted'),
      call.ended(41),
      call.ended(40),
    ],
    call: call.expected(40, [[phone, 1, 9, 'accepted']]),
  };
};

const overtakenByAll = (call: Dialog): Story => {
  const phone = newInstance();
  return {
    name: 'announced after everything else (2.3, 2.4)',
    order: 'in order',
    reports: [
      call.ended(31, [404]),
      call.rang(phone, 1),
      call.terminated(phone, 4, 'accepted'),
      call.ended(30, [404]),
      call.announced([phone]),
    ],
    call: call.expected(30, [[phone, 1, 4, 'accepted']]),
  };
};

const allAtOnce = (call: Dialog): Story => {
  const [phone, tablet] = [newInstance(), newInstance()];
  return {
    name: 'everything at once (2.3, 2.4)',
    order: 'at once',
    reports: [
      call.announced([phone, tablet]),
      call.rang(phone, 1, either),
      call.rang(tablet, 1, either),
      call.terminated(phone, 5, 'accepted', either),
      call.terminated(tablet, 5, 'accepted_elsewhere', either),
      call.ended(25, endedOrEarly),
    ],
    call: call.expected(25, [
      [phone, 1, 5, 'accepted'],
      [tablet, 1, 5, 'accepted_elsewhere'],
    ]),
  };
};

const allAtOnceBackwards = (call: Dialog): Story => {
  const phone = newInstance();
  return {
    name: 'everything at once, last things first (2.3, 2.4)',
    order: 'at once',
    reports: [
      call.ended(26, endedOrEarly),
      call.ended(25, endedOrEarly),
      call.terminated(phone, 5, 'accepted', either),
      call.rang(phone, 1, either),
      call.announced([phone]),
    ],
    call: call.expected(25, [[phone, 1, 5, 'accepted']]),
  };
};

/** Only INVITEs with SDP are announced, but every BYE is reported. */
const chatRoomBye = (call: Dialog): Story => ({
  name: 'the BYE of a chat room that nobody announced',
  order: 'in order',
  reports: [call.ended(3, [404]), call.ended(3, [404])],
  unlisted: call.id,
});

const inviteWithoutSdp = (call: Dialog): Story => {
  const phone = newInstance();
  return {
    name: 'an INVITE without SDP rings and is never announced',
    order: 'in order',
    reports: [call.rang(phone, 1), call.ended(9, [404])],
    unlisted: call.id,
  };
};
