import { type GatewayUnderTest, openGateway } from './open-gateway.ts';

export const HOST = 'sip.example.org';

/** One space with a user and an admin, each with an admin key of the account's name. */
export const populate = ({ backend }: GatewayUnderTest) => {
  const space = backend.addSpace(HOST);
  const user = backend.addAccount(space, 'jane');
  const admin = backend.addAccount(space, 'admin', { admin: true });
  backend.addKey('jane', user);
  backend.addKey('admin', admin);
  return { space, user, admin };
};

/** A gateway with that one space. */
export const openPopulated = async (options: Parameters<typeof openGateway>[0] = {}) => {
  const gateway = await openGateway(options);
  return Object.assign(gateway, populate(gateway));
};

export const byKey = (key: string, more: Record<string, string> = {}): Record<string, string> => ({
  host: HOST,
  'x-api-key': key,
  ...more,
});
