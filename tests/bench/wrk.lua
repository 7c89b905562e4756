-- Sends the requests of a file, one after the other, and prints one line of JSON about them. REQUESTS names the file: a
-- request is a line of method, path, headers (name:value, by \31) and body, between tabs; @ becomes an id that is new.
-- FIRST is the place, from 0, at which to begin.
local requests = {}
local place = tonumber(os.getenv("FIRST"))

local function headers_of(text)
  local headers = {}
  for name, value in text:gmatch("([^:\31]+):([^\31]+)") do headers[name] = value end
  return headers
end

local function fresh_id()
  local r = math.random
  return string.format("%04x%04x-%04x-4%03x-a%03x-%04x%04x%04x", r(0, 65535), r(0, 65535), r(0, 65535), r(0, 4095),
    r(0, 4095), r(0, 65535), r(0, 65535), r(0, 65535))
end

function init()
  math.randomseed(tonumber(os.getenv("SEED")))
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, headers, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    requests[#requests + 1] = { method, path, headers_of(headers), body }
  end
end

function request()
  local asked = requests[place % #requests + 1]
  place = place + 1
  local body = asked[4] ~= "" and asked[4]:gsub("@", fresh_id) or nil
  return wrk.format(asked[1], asked[2], asked[3], body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('JSON {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
