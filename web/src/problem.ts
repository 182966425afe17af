// An answer that is not 2xx, as RFC 9457 problem details say it.

export class problem extends Error {
    constructor(
        readonly status: number, // 0: no answer at all
        readonly code: string,
        text: string,
    ) {
        super(text);
    }
}

export const unreachable = () => new problem(0, 'unreachable', 'The server cannot be reached.');

// The JSON of an answer, null where it has none; throws a problem for what is not 2xx.
export async function json_of<T>(answer: Response): Promise<T> {
    const said = await answer.json().catch(() => null);
    if (!answer.ok)
        throw new problem(answer.status, said?.code ?? '', said?.detail ?? said?.title ?? `The server answered ${answer.status}.`);
    return said as T;
}
