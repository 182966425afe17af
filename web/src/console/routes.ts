// The console's own addresses, after the '#': /sessions/NODE/SESSION?user=….

export const pages = ['overview', 'nodes', 'rooms', 'sessions', 'trace', 'bans', 'broadcast'] as const;

export type page_name = (typeof pages)[number];

export interface route {
    page: page_name;
    path: string[]; // what follows the page
    query: URLSearchParams;
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function parse_route(hash: string): route {
    const [path, query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
    const [page, ...rest] = path.split('/').filter(Boolean).map(decode);
    const known = pages.find((one) => one === page);
    return {page: known ?? 'overview', path: known ? rest : [], query: new URLSearchParams(query)};
}

export function link(page: page_name, path: readonly string[] = [], query: Record<string, string> = {}): string {
    const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
    const text = given.toString();
    return `#/${[page, ...path.map(encodeURIComponent)].join('/')}${text ? `?${text}` : ''}`;
}
