// Shows what differs from run to run, where nothing makes it the same.

const HOUR = 3_600_000;
const wait = (ms, then) =>
  new Promise((resolve) => setTimeout(() => resolve(then?.()), ms));

export const run = {
  async run() {
    console.log('date:', new Date().toISOString());
    const looks = [0, 0, 0].map(() => performance.now());
    console.log('steps:', looks[1] - looks[0], looks[2] - looks[1]);
    console.log('random:', Math.random(), Math.random());
    console.log('bytes:', crypto.getRandomValues(new Uint8Array(20)).join());
    console.log('uuid:', crypto.randomUUID());
    const names = new Set(Array.from({ length: 32 }, (_, n) => `name-${n}`));
    console.log('order:', [...names].join(' '));

    let started = Date.now();
    await wait(HOUR);
    console.log('waited:', Date.now() - started);

    started = Date.now();
    const order = [];
    let ticks = 0;
    const ticking = setInterval(() => ticks++, HOUR);
    await Promise.all([5, 1, 3].map((hours) => wait(hours * HOUR, () => order.push(hours))));
    clearInterval(ticking);
    console.log('waited for all:', Date.now() - started);
    console.log('done:', order.join(), 'ticks:', ticks);

    try {
      await fetch('http://localhost/');
      console.log('fetch: answered');
    } catch (error) {
      console.log('fetch: refused');
    }
  },
};
