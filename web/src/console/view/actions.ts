// What an operator does to users and sessions; each asks once more, naming whom.

import {confirm} from './confirm';
import type {context} from './context';

export const called = (user: string) => (user === '' ? '(anonymous)' : user);

export interface whom {
    node: string;
    session: string;
    user: string;
}

export function kick({api, note}: context, {node, session, user}: whom): Promise<boolean> {
    return confirm({
        title: `Disconnect ${called(user)}?`,
        text: 'This one session is closed. Its client may come back at once; a ban keeps it away.',
        facts: [
            ['User', called(user)],
            ['Session', session],
            ['Node', node],
        ],
        action: 'Disconnect',
        harmful: true,
        done: async () => {
            await api.kick(node, session);
            note(`${called(user)} was disconnected.`);
        },
    });
}

export function unsubscribe({api, note}: context, {node, session, user}: whom, subscription: string, destination: string): Promise<boolean> {
    return confirm({
        title: `End a subscription of ${called(user)}?`,
        text: 'The session stays; its client is told that the subscription is over.',
        facts: [
            ['User', called(user)],
            ['Session', session],
            ['Subscription', subscription],
            ['Destination', destination],
        ],
        action: 'Unsubscribe',
        harmful: true,
        done: async () => {
            await api.unsubscribe(node, session, subscription);
            note(`${called(user)} no longer listens to ${destination}.`);
        },
    });
}

export function ban({api, note}: context, user: string): Promise<boolean> {
    return confirm({
        title: `Ban ${user}?`,
        text: 'All their sessions on all nodes are closed, and they cannot connect until the ban is lifted.',
        facts: [['User', user]],
        action: 'Ban',
        harmful: true,
        ask: {label: 'Reason, for other operators', length: 200},
        done: async (reason) => {
            await api.ban(user, reason);
            note(`${user} is banned.`);
        },
    });
}

export function lift_ban({api, note}: context, user: string): Promise<boolean> {
    return confirm({
        title: `Lift the ban of ${user}?`,
        text: 'They can connect again at once.',
        facts: [['User', user]],
        action: 'Lift ban',
        done: async () => {
            await api.unban(user);
            note(`${user} may connect again.`);
        },
    });
}
