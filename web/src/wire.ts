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

export function is_stored(body: wire_message | wire_event): body is wire_message {
    return body.messageType !== 'TYPING' && body.messageType !== 'READ';
}
