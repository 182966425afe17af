// What an operator says to users: an event of the kinds that back ends may tell too (docs/events).

import type {wire_broadcast} from './wire';

export const kinds: Record<wire_broadcast['to'], readonly (readonly [event_type: string, name: string])[]> = {
    all: [
        ['all.service-check', 'Service check'],
        ['all.biz-event', 'Business event'],
        ['all.new-feature', 'New feature'],
    ],
    user: [
        ['person.invited', 'Invitation'],
        ['person.payment', 'Payment'],
        ['channel.participant.join', 'Somebody joined'],
        ['channel.participant.exit', 'Somebody left'],
        ['channel.message.new', 'New message'],
        ['channel.message.deleted', 'Deleted message'],
        ['channel.message.reaction', 'Reaction'],
    ],
    room: [
        ['channel.message.new', 'New message'],
        ['channel.message.deleted', 'Deleted message'],
        ['channel.message.reaction', 'Reaction'],
        ['channel.participant.join', 'Somebody joined'],
        ['channel.participant.exit', 'Somebody left'],
    ],
};

export const announcement = (event_type: string, text: string) => ({eventType: event_type, text});

// The object that was written as JSON, or what is wrong with it.
export function message_of(text: string): object | string {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'The message must be a JSON object: {…}.';
    } catch (error) {
        return `This is no JSON: ${(error as Error).message}`;
    }
}

// The text of an announcement that was written as JSON; null of anything else.
export function text_of(json: string): string | null {
    const message = message_of(json);
    return typeof message !== 'string' && 'text' in message && typeof message.text === 'string' ? message.text : null;
}
