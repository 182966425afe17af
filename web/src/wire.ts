// What the server says: the bodies of its MESSAGE frames and of its REST answers.

export type message_type = 'CHAT' | 'JOIN' | 'LEAVE';

export interface wire_message {
    chatRoomId: number;
    messageId: number;
    seq: number; // 1, 2, 3, … without a gap in its room
    senderId: number;
    senderNickname: string;
    content: string;
    messageType: message_type;
    createdAt: string; // UTC, ISO 8601
}

// Ephemeral: neither stored nor numbered.
export interface wire_event {
    chatRoomId: number;
    senderId: number;
    senderNickname: string;
    messageType: 'TYPING' | 'READ';
    lastReadSeq?: number; // READ
}

// What a back end or an operator tells: a room's topic has it with its chatRoomId and messageType, the users'
// /user/queue/notifications with a type. Ephemeral as well.
export interface wire_notice {
    eventType: string;
    eventId?: string;
    message: Record<string, unknown>;
}

export interface wire_room_notice extends wire_notice {
    chatRoomId: number;
    messageType: 'EVENT';
}

export type wire_body = wire_message | wire_event | wire_room_notice;

export interface wire_room {
    chatRoomId: number;
    name: string;
    type: 'PUBLIC' | 'PRIVATE' | 'DIRECT';
    memberCount?: number;
    member?: boolean;
    lastSeq?: number;
    lastReadSeq?: number;
    unread?: number;
}

export interface wire_page {
    messages: wire_message[]; // newest first
    nextCursor: string | null;
    lastSeq: number;
}

// On /user/queue/errors: a SEND that was refused, so nothing of it was stored.
export interface wire_refusal {
    code: string;
    reason: string;
    destination?: string;
    receipt?: string;
    idempotencyKey?: string;
}

export function is_stored(body: wire_body): body is wire_message {
    return body.messageType === 'CHAT' || body.messageType === 'JOIN' || body.messageType === 'LEAVE';
}

// The part of a notice that is for people; null: there is none, it is for programs.
export function text_of(notice: wire_notice): string | null {
    for (const key of ['text', 'content', 'title']) {
        const text = notice.message?.[key];
        if (typeof text === 'string' && text.trim() !== '') return text;
    }
    return null;
}
