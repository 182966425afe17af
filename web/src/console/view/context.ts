// What every view of the console works with, and what it is.

import type {api} from '../api';
import type {cluster} from '../cluster';
import type {route} from '../routes';

export interface context {
    api: api;
    cluster: cluster;
    note(text: string, kind?: 'info' | 'error'): void;
}

export interface view {
    readonly element: HTMLElement;
    open(route: route): void; // it is shown, or its address has changed
    render(): void; // the cluster has changed; called only while it is shown
    close(): void; // something else is shown: it stops to ask
}
