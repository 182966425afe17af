// Runs in the browser: the client libraries as their users call them, behind one small face, so that a
// test says once what must happen and each library does it.
//
// An adapter is made with `open`, a function that makes the socket, and offers
//   connect(headers)                       resolves with the CONNECTED frame's headers
//   subscribe(destination, call, headers)  call(body, headers) for each MESSAGE; answers {unsubscribe()}
//   send(destination, headers, body)
//   on_receipt(call)                       call(id) for each RECEIPT
//   disconnect(headers)                    resolves when the library says that it is over

const deadline = 15_000; // ms; nothing here takes long on a node that works

function within(promise, what) {
    return Promise.race([
        promise,
        new Promise((_, reject) => setTimeout(() => reject(new Error(`nothing after ${deadline} ms: ${what}`)), deadline)),
    ]);
}

// stompjs 2 and webstomp-client share one interface, of old.
function old_client(client) {
    const receipts = new Set();
    client.debug = () => {};
    client.onreceipt = (frame) => receipts.forEach((call) => call(frame.headers['receipt-id']));
    return {
        client,
        connect: (headers) =>
            new Promise((resolve, reject) =>
                client.connect(headers, (frame) => resolve(frame.headers), (error) => reject(new Error(String(error.body ?? error.reason ?? error)))),
            ),
        subscribe: (destination, call, headers) => client.subscribe(destination, (frame) => call(frame.body, frame.headers), headers),
        send: (destination, headers, body) => client.send(destination, body, headers),
        on_receipt: (call) => receipts.add(call),
        disconnect: (headers) => new Promise((resolve) => client.disconnect(() => resolve(), headers)),
    };
}

const adapters = {
    'stompjs 2.3.3': (open) => {
        const client = Stomp.over(open());
        return {...old_client(client), send: (destination, headers, body) => client.send(destination, headers, body)};
    },

    'webstomp-client 1.2.6': (open) => old_client(webstomp.over(open())),

    '@stomp/stompjs 7': (open, options = {}) => {
        const receipts = new Set();
        const client = new StompJs.Client({webSocketFactory: open ?? undefined, reconnectDelay: 0, ...options});
        client.onUnhandledReceipt = (frame) => receipts.forEach((call) => call(frame.headers['receipt-id']));
        return {
            client,
            connect: (headers) =>
                new Promise((resolve, reject) => {
                    client.connectHeaders = headers;
                    client.onConnect = (frame) => resolve(frame.headers);
                    client.onStompError = (frame) => reject(new Error(frame.headers.message));
                    client.onWebSocketClose = (event) => reject(new Error(`closed: ${event.code} ${event.reason}`));
                    client.activate();
                }),
            subscribe: (destination, call, headers) => client.subscribe(destination, (message) => call(message.body, message.headers), headers),
            send: (destination, headers, body) => client.publish({destination, headers, body}),
            on_receipt: (call) => receipts.add(call),
            // It waits for the RECEIPT of its DISCONNECT before it closes.
            disconnect: async () => {
                let told = null;
                client.onDisconnect = (frame) => (told = frame.headers['receipt-id']);
                await client.deactivate();
                if (!told) throw new Error('no RECEIPT for the DISCONNECT');
            },
        };
    },

    '@stomp/rx-stomp': (open) => {
        const receipts = new Set();
        const rx = new RxStomp.RxStomp();
        rx.unhandledReceipts$.subscribe((frame) => receipts.forEach((call) => call(frame.headers['receipt-id'])));
        return {
            client: rx,
            connect: (headers) =>
                new Promise((resolve, reject) => {
                    rx.configure({webSocketFactory: open, connectHeaders: headers, reconnectDelay: 0});
                    rx.serverHeaders$.subscribe(resolve);
                    rx.stompErrors$.subscribe((frame) => reject(new Error(frame.headers.message)));
                    rx.activate();
                }),
            subscribe: (destination, call, headers) =>
                rx.watch({destination, subHeaders: headers}).subscribe((message) => call(message.body, message.headers)),
            send: (destination, headers, body) => rx.publish({destination, headers, body}),
            on_receipt: (call) => receipts.add(call),
            disconnect: () => rx.deactivate(),
        };
    },
};

// Receipts and messages as promises, over any adapter.
function conversation(adapter) {
    const receipts = new Map();
    const waiting = new Map();
    adapter.on_receipt((id) => {
        receipts.set(id, true);
        waiting.get(id)?.();
    });
    let last = 0;
    return {
        adapter,
        receipt: (id) =>
            within(receipts.has(id) ? Promise.resolve() : new Promise((resolve) => waiting.set(id, resolve)), `RECEIPT ${id}`),
        new_receipt: () => `receipt-${++last}`,
        // Everything that comes on a subscription; `next()` waits for one more.
        inbox: () => {
            const messages = [];
            const readers = [];
            return {
                messages,
                take: (body, headers) => {
                    const message = {body, headers};
                    messages.push(message);
                    readers.shift()?.(message);
                },
                next: () => within(new Promise((resolve) => readers.push(resolve)), 'MESSAGE'),
                async until(accepts) {
                    for (let at = 0; ; ++at) {
                        if (at === messages.length) await this.next();
                        if (accepts(messages[at])) return messages[at];
                    }
                },
            };
        },
    };
}

window.adapters = adapters;
window.conversation = conversation;
window.within = within;
