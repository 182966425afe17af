// The frame of the console: where one can go, how the cluster is, and the view that is open.

import {h, icon as common_icon, set_attribute} from '../../view/dom';
import {theme_button} from '../../view/theme';
import {link, page_name, pages, parse_route, route} from '../routes';
import type {context, view} from './context';
import {glance} from './glance';
import {icon} from './icons';
import {bans_view} from './bans';
import {broadcast_view} from './broadcast';
import {nodes_view} from './nodes';
import {overview_view} from './overview';
import {rooms_view} from './rooms';
import {sessions_view} from './sessions';
import {trace_view} from './trace';

const names: Record<page_name, string> = {
    overview: 'Overview',
    nodes: 'Nodes',
    rooms: 'Rooms',
    sessions: 'Sessions',
    trace: 'Trace',
    bans: 'Bans',
    broadcast: 'Broadcast',
};

const makers: Record<page_name, new (on: context) => view> = {
    overview: overview_view,
    nodes: nodes_view,
    rooms: rooms_view,
    sessions: sessions_view,
    trace: trace_view,
    bans: bans_view,
    broadcast: broadcast_view,
};

export class shell {
    readonly element: HTMLElement;
    private readonly glance = new glance();
    private readonly links = new Map<page_name, HTMLAnchorElement>();
    private readonly main = h('main', {class: 'content', attrs: {tabindex: -1}});
    private readonly views = new Map<page_name, view>(); // kept, so that a search is still there when one comes back
    private current: view | null = null;
    private readonly on_address = () => this.follow(parse_route(location.hash));

    // `who`: the login, null of a token.
    constructor(
        private readonly on: context,
        who: string | null,
        sign_out: () => void,
    ) {
        for (const page of pages)
            this.links.set(page, h('a', {attrs: {href: link(page), 'data-page': page}}, icon(page), h('span', {text: names[page]})));
        this.element = h(
            'div',
            {class: 'console'},
            h(
                'header',
                {class: 'bar'},
                h('a', {class: 'brand', attrs: {href: link('overview')}}, h('img', {attrs: {src: '/favicon.svg', alt: '', width: 32, height: 32}}), h('span', {class: 'name', text: 'Stampede'}), h('span', {class: 'chip', text: 'Console'})),
                this.glance.element,
                h('div', {class: 'bar-tools'}, h('span', {class: 'who', text: who ?? 'Token', attrs: {title: 'Signed in'}}), theme_button(), h('button', {class: 'round quiet', attrs: {type: 'button', title: 'Sign out', 'aria-label': 'Sign out', 'data-testid': 'sign-out'}, on: {click: sign_out}}, common_icon('leave'))),
            ),
            h('nav', {class: 'pages', attrs: {'aria-label': 'Console'}}, ...this.links.values()),
            this.main,
        );
    }

    start(): void {
        window.addEventListener('hashchange', this.on_address);
        this.on_address();
    }

    stop(): void {
        window.removeEventListener('hashchange', this.on_address);
        this.current?.close();
    }

    render(): void {
        this.glance.render(this.on.cluster);
        this.current?.render();
    }

    private follow(to: route): void {
        let view = this.views.get(to.page);
        if (!view) {
            view = new makers[to.page](this.on);
            this.views.set(to.page, view);
        }
        if (this.current !== view) {
            this.current?.close();
            this.current = view;
            this.main.replaceChildren(view.element);
            this.main.scrollTop = 0;
        }
        for (const [page, one] of this.links) set_attribute(one, 'aria-current', page === to.page ? 'page' : null);
        this.links.get(to.page)?.scrollIntoView({block: 'nearest', inline: 'nearest'});
        document.title = `${names[to.page]} · Stampede console`;
        view.open(to);
        view.render();
    }
}
