"""Fetches the addresses of a file with Scrapy, as millrace-bench http does it with the fetcher, and prints what it took.

Each line is an address and, after a tab, the entity tag that is known of it. Needs: pip install scrapy."""

import json
import resource
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess


class Pages(scrapy.Spider):
    name = "pages"
    # The host names are addresses: nothing is to be filtered or changed.
    handle_httpstatus_list = [304]
    counts = {200: 0, 304: 0}
    bytes = 0

    def requests(self):
        with open(sys.argv[1]) as lines:
            for line in lines:
                address, _, tag = line.rstrip("\n").partition("\t")
                headers = {"If-None-Match": tag} if tag else {}
                yield scrapy.Request(address, headers=headers, dont_filter=True)

    def start_requests(self):
        yield from self.requests()

    async def start(self):
        for request in self.requests():
            yield request

    def parse(self, response):
        Pages.counts[response.status] = Pages.counts.get(response.status, 0) + 1
        Pages.bytes += len(response.body)


process = CrawlerProcess(
    {
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": False,
        "CONCURRENT_REQUESTS": 1000,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
        "DOWNLOAD_DELAY": 0,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
    }
)
process.crawl(Pages)
begin = time.monotonic()
process.start()
seconds = time.monotonic() - begin
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "seconds": seconds,
            "processor": usage.ru_utime + usage.ru_stime,
            "changed": Pages.counts[200],
            "unchanged": Pages.counts[304],
            "bytes": Pages.bytes,
        }
    )
)
