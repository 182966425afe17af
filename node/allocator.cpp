// How jemalloc, which the program is linked with, is to behave; read by it before main().

// A thread of its own gives memory back that has been free for some seconds: a node that nobody
// talks to would keep what a storm of clients has left.
extern "C" char const* const malloc_conf = "background_thread:true";
