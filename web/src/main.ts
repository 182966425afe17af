import {chat} from './chat';
import {authorization_of, load_caller} from './identity';
import {room_in_address, show_in_address} from './view/address';
import {conversation} from './view/conversation';
import {ask_credentials, ask_nickname} from './view/dialogs';
import {sidebar} from './view/sidebar';
import {apply_theme} from './view/theme';
import {toasts} from './view/toasts';

async function start(): Promise<void> {
    apply_theme();
    const notes = new toasts();
    // Once per frame; a hidden tab draws no frames, but its title must go on counting.
    let frame = 0;
    let timer = 0;
    const changed = () => {
        if (frame) return;
        const once = () => {
            cancelAnimationFrame(frame);
            clearTimeout(timer);
            frame = 0;
            draw();
        };
        frame = requestAnimationFrame(once);
        timer = window.setTimeout(once, 150);
    };
    const state = new chat(
        load_caller(),
        changed,
        (text, kind) => notes.show(text, kind),
        (reason) => void ask_credentials(reason, (login, secret) => state.sign_in(authorization_of(login, secret))),
    );
    const rooms = new sidebar(state);
    const room = new conversation(state);

    function draw(): void {
        const unread = state.total_unread();
        const name = state.open_room?.name;
        document.title = `${unread > 0 ? `(${unread}) ` : ''}${name ? `${name} · ` : ''}Stampede`;
        document.body.dataset.pane = state.current === null ? 'rooms' : 'room';
        if (state.rooms_known) show_in_address(state.current);
        rooms.render();
        room.render();
    }

    document.body.append(rooms.element, room.element, room.badge.spoken, notes.element);
    draw();
    if (state.me.nickname === '') await ask_nickname(state);
    const wanted = room_in_address();
    window.addEventListener('hashchange', () => state.open(room_in_address()));
    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') void state.refresh_rooms();
    });
    // Rooms that others create show up without a reload.
    window.setInterval(() => document.visibilityState === 'visible' && void state.refresh_rooms(), 30_000);
    await state.start(wanted);
}

void start();
