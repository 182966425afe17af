import {problem} from '../problem';
import {h} from '../view/dom';
import {apply_theme} from '../view/theme';
import {toasts} from '../view/toasts';
import {api, reason_of} from './api';
import {cluster, tick} from './cluster';
import {forget_authorization, login_of, save_authorization, saved_authorization} from './credentials';
import {poller} from './poller';
import {withdraw_questions} from './view/confirm';
import {login_form} from './view/login';
import {shell} from './view/shell';

const notes = new toasts();
const place = h('div', {class: 'place'});
let leave = () => {}; // what the open console does when it ends

function ask(reason: string): void {
    leave();
    leave = () => {};
    withdraw_questions();
    forget_authorization();
    document.title = 'Stampede console';
    const form = login_form(reason, enter);
    place.replaceChildren(form);
    form.querySelector<HTMLInputElement>('input:not([type=radio])')?.focus();
}

// Fails as the server does if it refuses the credentials.
async function enter(authorization: string): Promise<void> {
    let inside = false;
    const source = new api(authorization, (why) => {
        if (inside) ask(why.status === 401 ? `Sign in again: ${why.message}` : why.message);
    });
    let changed = () => {};
    const state = new cluster(source, () => changed());
    await state.first();
    save_authorization(authorization);
    inside = true;

    const view = new shell({api: source, cluster: state, note: (text, kind = 'info') => notes.show(text, kind)}, login_of(authorization), () => ask(''));
    let frame = 0;
    changed = () => {
        frame ||= requestAnimationFrame(() => {
            frame = 0;
            if (inside) view.render();
        });
    };
    const poll = new poller(async () => state.sample(), tick);
    leave = () => {
        inside = false;
        poll.stop();
        view.stop();
    };
    place.replaceChildren(view.element);
    view.start();
    poll.start();
}

async function start(): Promise<void> {
    const saved = saved_authorization();
    if (saved === null) return ask('');
    try {
        await enter(saved);
    } catch (error) {
        if (error instanceof problem && (error.status === 401 || error.status === 403)) return ask(error.message);
        // The credentials are not to blame: the node may be starting.
        place.replaceChildren(h('p', {class: 'middle', text: `${reason_of(error)} Trying again…`, attrs: {role: 'status'}}));
        window.setTimeout(() => void start(), tick);
    }
}

apply_theme();
document.body.append(place, notes.element);
void start();
