import { beforeEach, describe, expect, it, vi } from 'vitest';

const HOUSE = 'https://door.example.org';
const GROUPS = `${HOUSE}/api/v1/groups`;

/** A house that knows one session, and what was sent to it. */
class House {
  identity = 'ada';
  token = 'first';
  written: string[] = [];
  asked = 0;

  answer = async (to: Request | string): Promise<Response> => {
    if (typeof to === 'string') {
      this.asked += 1;
      return Response.json({ identity: this.identity, csrf_token: this.token });
    }
    if (to.method === 'GET') return Response.json({});
    if (to.headers.get('x-csrf-token') !== this.token) {
      return Response.json({ code: 'csrf_token' }, { status: 403 });
    }
    this.written.push(await to.text());
    return Response.json({}, { status: 201 });
  };
}

const change = (body: string) => new Request(GROUPS, { method: 'POST', body });

describe('a change', () => {
  let house: House;
  let went: string[];
  let send: (request: Request) => Promise<Response>;

  beforeEach(async () => {
    house = new House();
    went = [];
    vi.stubGlobal('fetch', house.answer);
    vi.stubGlobal('location', { assign: (to: string) => went.push(to) });
    vi.stubGlobal('sessionStorage', { clear: () => went.push('cleared') });
    vi.resetModules();
    send = (await import('./client')).send;
  });

  it('brings the token of the session, which is asked for once', async () => {
    expect((await send(change('one'))).status).toBe(201);
    expect((await send(change('two'))).status).toBe(201);
    expect(house.written).toEqual(['one', 'two']);
    expect(house.asked).toBe(1);
  });

  it('is sent once more when another window proved again', async () => {
    await send(change('one'));
    house.token = 'second';
    expect((await send(change('two'))).status).toBe(201);
    expect(house.written).toEqual(['one', 'two']);
  });

  it('is not done for somebody else who has signed in meanwhile', async () => {
    await send(change('one'));
    house.identity = 'bob';
    house.token = 'his';
    expect((await send(change('two'))).status).toBe(403);
    expect(house.written).toEqual(['one']);
    expect(went).toEqual(['cleared', '/console/']);
  });

  it('asks for no token to read', async () => {
    expect((await send(new Request(GROUPS))).status).toBe(200);
    expect(house.asked).toBe(0);
  });
});
