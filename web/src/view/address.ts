// The room that is open stands in the page's address. On a phone, where the room covers the list, going back leads from
// the room to the list; elsewhere going from room to room leaves no trace.

const covers_the_list = window.matchMedia('(max-width: 760px)'); // as in style.css

export const room_in_address = () => Number(/^#\/room\/(\d+)$/.exec(location.hash)?.[1] ?? 0) || null;

// As we have written it, or were told of it. One that somebody else has just changed says where they want to go.
let known = location.hash;
window.addEventListener('hashchange', () => (known = location.hash));

let going_back = false;
window.addEventListener('popstate', () => (going_back = false));

// The list is what the browser goes back to.
const over_list = () => history.state?.over_list === true;

export function show_in_address(room: number | null): void {
    if (going_back || location.hash !== known) return;
    const list = location.pathname + location.search;
    const wanted = room === null ? '' : `#/room/${room}`;
    if (room !== null && covers_the_list.matches && !over_list()) {
        history.replaceState(null, '', list);
        history.pushState({over_list: true}, '', wanted);
    } else if (room === null && over_list()) {
        going_back = true;
        history.back();
    } else if (location.hash !== wanted) {
        history.replaceState(history.state, '', wanted || list);
    }
    known = location.hash;
}
