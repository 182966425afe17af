"""What stands directly below a service: greeting, info, iframe page, and what does not."""
import json
import re
import unittest

from wire import EchoServer

NO_CACHE = "no-store, no-cache, must-revalidate, max-age=0"


class BaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(EchoServer("--sockjs-url", "/js/sockjs-1.6.1.js"))

    def test_the_greeting(self):
        for target in ("/echo", "/echo/"):
            answer = self.server.get(target)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer["content-type"], "text/plain; charset=UTF-8")
            self.assertEqual(answer.body, "Welcome to SockJS!\n")
            self.assertIsNone(answer["set-cookie"])

    def test_nothing_else_is_found(self):
        for target in ("/a", "/a.html", "//", "///", "/a/a", "/a/a/", "/a/"):
            with self.subTest(target):
                self.assertEqual(self.server.get("/echo" + target).status, 404)
        self.assertEqual(self.server.get("/").status, 404)

    def test_session_urls_need_three_parts_without_dots(self):
        for target in ("/", "//", "/a./a", "/a/a.", "/./.", "///"):
            for method in ("GET", "POST"):
                with self.subTest(method + target):
                    answer = self.server.request(method, f"/echo{target}/xhr")
                    self.assertEqual(answer.status, 404)

    def test_wrong_methods_are_told_the_right_ones(self):
        for method, target, allowed in (
                ("POST", "/echo/info", "OPTIONS, GET"),
                ("GET", "/echo/0/0/xhr", "OPTIONS, POST"),
                ("POST", "/echo/0/0/websocket", "GET"),
                ("POST", "/echo/0/0/eventsource", "GET")):
            with self.subTest(method + target):
                answer = self.server.request(method, target)
                self.assertEqual(answer.status, 405)
                self.assertEqual(answer["allow"], allowed)
                self.assertIsNone(answer["content-type"])
                self.assertEqual(answer.body, "")

    def test_info(self):
        answer = self.server.get("/echo/info", {"Origin": "http://test"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer["content-type"], "application/json; charset=UTF-8")
        self.assertEqual(answer["cache-control"], NO_CACHE)
        self.assertIsNone(answer["expires"])
        self.assertIsNone(answer["last-modified"])
        self.assertIsNone(answer["set-cookie"])
        self.assertEqual(answer["access-control-allow-origin"], "http://test")
        self.assertEqual(answer["access-control-allow-credentials"], "true")
        info = json.loads(answer.body)
        self.assertIs(info["websocket"], True)
        self.assertIs(info["cookie_needed"], False)
        self.assertEqual(info["origins"], ["*:*"])
        self.assertTrue(0 <= info["entropy"] < 2**32)

    def test_info_of_the_other_services(self):
        off = json.loads(self.server.get("/disabled_websocket_echo/info").body)
        self.assertIs(off["websocket"], False)
        cookie = self.server.get("/cookie_needed_echo/info")
        self.assertIs(json.loads(cookie.body)["cookie_needed"], True)
        self.assertIsNone(cookie["set-cookie"])

    def test_entropy_is_fresh(self):
        seen = {json.loads(self.server.get("/echo/info").body)["entropy"] for _ in range(10)}
        self.assertGreater(len(seen), 8)

    def test_preflights(self):
        for target, methods in (("/echo/info", "OPTIONS, GET"),
                                ("/echo/abc/abc/xhr", "OPTIONS, POST"),
                                ("/echo/abc/abc/xhr_send", "OPTIONS, POST"),
                                ("/echo/abc/abc/xhr_streaming", "OPTIONS, POST")):
            for origin in ("http://test", "null"):
                with self.subTest(target=target, origin=origin):
                    answer = self.server.request("OPTIONS", target, {
                        "Origin": origin, "Access-Control-Request-Method": "POST",
                        "Access-Control-Request-Headers": "a, b, c"})
                    self.assertEqual(answer.status, 204)
                    self.assertEqual(answer["cache-control"], "public, max-age=31536000")
                    self.assertTrue(answer["expires"])
                    self.assertGreater(int(answer["access-control-max-age"]), 1_000_000)
                    self.assertEqual(answer["access-control-allow-methods"], methods)
                    self.assertEqual(answer["access-control-allow-headers"], "a, b, c")
                    self.assertEqual(answer["access-control-allow-origin"], origin)
                    self.assertEqual(answer["access-control-allow-credentials"], "true")
                    self.assertEqual(answer.body, "")

    def test_without_origin_every_origin_is_answered(self):
        answer = self.server.get("/echo/info")
        self.assertEqual(answer["access-control-allow-origin"], "*")

    def test_the_iframe_page_and_its_versions(self):
        expected = """<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script>
    document.domain = document.domain;
    _sockjs_onload = function(){SockJS.bootstrap_iframe();};
  </script>
  <script src="/js/sockjs-1.6.1.js"></script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>"""
        for suffix in (".html", "-a.html", "-.html", "-0.1.2.html", "-0.1.2abc-dirty.2144.html",
                       "-a.html?t=1234"):
            with self.subTest(suffix):
                answer = self.server.get("/echo/iframe" + suffix)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer["content-type"], "text/html; charset=UTF-8")
                self.assertTrue(re.search("max-age=[1-9][0-9]{6}", answer["cache-control"]))
                self.assertIn("public", answer["cache-control"])
                self.assertTrue(answer["expires"])
                self.assertIsNone(answer["last-modified"])
                self.assertIsNone(answer["set-cookie"])
                self.assertEqual(answer.body, expected)
        for suffix in (".htm", "", ".HTML", ".xml", "-/.html"):
            self.assertEqual(self.server.get("/echo/iframe" + suffix).status, 404)

    def test_the_iframe_page_is_cached_by_its_tag(self):
        tag = self.server.get("/echo/iframe.html")["etag"]
        answer = self.server.get("/echo/iframe.html", {"If-None-Match": tag})
        self.assertEqual(answer.status, 304)
        self.assertIsNone(answer["content-type"])


class CurrentDialectTest(unittest.TestCase):
    """The rows where the current protocol differs from 0.3.3."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(EchoServer("--dialect", "current"))

    def test_proxies_may_not_transform_what_is_not_cached(self):
        self.assertEqual(self.server.get("/echo/info")["cache-control"],
                         "no-store, no-cache, no-transform, must-revalidate, max-age=0")

    def test_without_origin_there_are_no_credentials(self):
        answer = self.server.get("/echo/info")
        self.assertEqual(answer["access-control-allow-origin"], "*")
        self.assertIsNone(answer["access-control-allow-credentials"])

    def test_the_iframe_page_loads_the_script_first(self):
        page = self.server.get("/echo/iframe.html").body
        self.assertLess(page.index("<script src="), page.index("SockJS.bootstrap_iframe();"))
        self.assertNotIn("_sockjs_onload", page)

    def test_jsonp_starts_with_a_comment(self):
        self.assertEqual(self.server.get("/echo/0/jsonp-current/jsonp?c=x").body,
                         '/**/x("o");\r\n')

    def test_eventsource_names_no_charset(self):
        stream = self.server.stream("GET", "/echo/0/es-current/eventsource")
        self.assertEqual(stream["content-type"], "text/event-stream")
        stream.close()


if __name__ == "__main__":
    unittest.main()
