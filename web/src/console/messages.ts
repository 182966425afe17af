// What an operator says to users.

// Told apart from what back ends tell by its type.
export const announcement = (text: string) => ({type: 'ANNOUNCEMENT', text});

// The object that was written as JSON, or what is wrong with it.
export function message_of(text: string): object | string {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'The message must be a JSON object: {…}.';
    } catch (error) {
        return `This is no JSON: ${(error as Error).message}`;
    }
}

// The text of an announcement that was written as JSON; empty of anything else.
export function text_of(json: string): string {
    const message = message_of(json);
    return typeof message !== 'string' && 'text' in message && typeof message.text === 'string' ? message.text : '';
}
