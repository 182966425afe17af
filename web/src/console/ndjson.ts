// JSON, one value a line, out of a stream whose pieces end anywhere.

export class line_reader<T> {
    private rest = '';
    private readonly decoder = new TextDecoder();

    // The values that the piece completes. A line that is no JSON is passed over: the next may be.
    take(piece: Uint8Array): T[] {
        this.rest += this.decoder.decode(piece, {stream: true});
        const lines = this.rest.split('\n');
        this.rest = lines.pop()!;
        return lines.flatMap((one) => this.parse(one));
    }

    // What stands after the last line break when the stream has ended.
    end(): T[] {
        const last = this.rest + this.decoder.decode();
        this.rest = '';
        return this.parse(last);
    }

    private parse(line: string): T[] {
        if (line.trim() === '') return [];
        try {
            return [JSON.parse(line) as T];
        } catch {
            return [];
        }
    }
}
