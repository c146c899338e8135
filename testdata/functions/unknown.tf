# What is unknown until apply: everything a terraform_data puts out. regenerate.sh stores what Terraform knows of the
# outputs before apply, and what they turn out to be.
resource "terraform_data" "text" {
  input = "abc"
}

resource "terraform_data" "number" {
  input = 2
}

resource "terraform_data" "truth" {
  input = true
}

resource "terraform_data" "list" {
  input = ["a", "b"]
}

resource "terraform_data" "map" {
  input = { a = "x" }
}

resource "terraform_data" "more" {
  input = {
    digits = "12"
    zero   = 0
    key    = "a"
    base64 = "aGk="
    json   = "{\"a\": [1]}"
    hello  = "hello.txt"
    only   = "only.tftpl"
    cidr   = "10.0.0.0/16"
    time   = "2024-02-29T12:00:00Z"
    truth  = "true"
    single = ["a"]
    nums   = [1, 2]
    lists  = [["a"], ["b"]]
  }
}

locals {
  s      = tostring(terraform_data.text.output)
  n      = tonumber(terraform_data.number.output)
  b      = tobool(terraform_data.truth.output)
  l      = split(",", join(",", terraform_data.list.output))
  m      = zipmap(["a"], split(",", terraform_data.text.output))
  l1     = tolist(terraform_data.more.output.single)
  zero   = tonumber(terraform_data.more.output.zero)
  s1     = tostring(terraform_data.more.output.key)
  digits = tostring(terraform_data.more.output.digits)
  strue  = tostring(terraform_data.more.output.truth)
  s64    = tostring(terraform_data.more.output.base64)
  json   = tostring(terraform_data.more.output.json)
  hello  = tostring(terraform_data.more.output.hello)
  only   = tostring(terraform_data.more.output.only)
  cidr   = tostring(terraform_data.more.output.cidr)
  time   = tostring(terraform_data.more.output.time)
  nums   = terraform_data.more.output.nums
  lists  = terraform_data.more.output.lists
  t      = "Hello $${x}"
}

output "abs_1" {
  value = abs(local.n)
}

output "ceil_1" {
  value = ceil(local.n)
}

output "floor_1" {
  value = floor(local.n)
}

output "log_1" {
  value = log(local.n, 2)
}

output "pow_1" {
  value = pow(2, local.n)
}

output "signum_1" {
  value = signum(local.n)
}

output "max_1" {
  value = max(local.n, 1)
}

output "min_1" {
  value = min(local.n, 1)
}

output "parseint_1" {
  value = parseint(local.digits, 10)
}

output "range_1" {
  value = range(local.n)
}

output "sum_1" {
  value = sum([local.n, 1])
}

output "chomp_1" {
  value = chomp(local.s)
}

output "endswith_1" {
  value = endswith(local.s, "c")
}

output "startswith_1" {
  value = startswith(local.s, "a")
}

output "startswith_2" {
  value = startswith("x-${local.s}", "x-")
}

output "startswith_3" {
  value = startswith("x-${local.s}", "y")
}

output "strcontains_1" {
  value = strcontains(local.s, "b")
}

output "format_1" {
  value = format("x-%s", local.s)
}

output "format_3" {
  value = format("%s", [local.s][0])
}

output "format_4" {
  value = format("ab%d", local.n) == "zz"
}

output "formatlist_1" {
  value = formatlist("%s!", [local.s, "k"])
}

output "formatlist_2" {
  value = formatlist("%s!", local.l)
}

output "indent_1" {
  value = indent(2, local.s)
}

output "join_1" {
  value = join(",", [local.s, "k"])
}

output "join_2" {
  value = join(",", ["k", local.s])
}

output "join_3" {
  value = join(",", local.l)
}

output "join_4" {
  value = join(",", []) == local.s
}

output "lower_1" {
  value = lower(local.s)
}

output "upper_1" {
  value = upper(local.s)
}

output "title_1" {
  value = title(local.s)
}

output "split_1" {
  value = split(",", local.s)
}

output "strrev_1" {
  value = strrev(local.s)
}

output "substr_1" {
  value = substr(local.s, 0, 1)
}

output "trim_1" {
  value = trim(local.s, "a")
}

output "trimprefix_1" {
  value = trimprefix(local.s, "a")
}

output "trimsuffix_1" {
  value = trimsuffix(local.s, "a")
}

output "trimspace_1" {
  value = trimspace(local.s)
}

output "regex_1" {
  value = regex("a.*", local.s)
}

output "regex_2" {
  value = regex("(a)(b)", local.s)
}

output "regexall_1" {
  value = regexall(".", local.s)
}

output "replace_1" {
  value = replace(local.s, "a", "b")
}

output "alltrue_1" {
  value = alltrue([local.b, true])
}

output "alltrue_2" {
  value = alltrue([local.b, false])
}

output "anytrue_1" {
  value = anytrue([local.b, true])
}

output "anytrue_2" {
  value = anytrue([local.b, false])
}

output "chunklist_1" {
  value = chunklist([local.s, "k"], 1)
}

output "chunklist_2" {
  value = chunklist(local.l, 1)
}

output "compact_1" {
  value = compact([local.s, "k", ""])
}

output "compact_2" {
  value = compact(["x-${local.s}", ""])
}

output "compact_3" {
  value = length(compact(["x-${local.s}", ""]))
}

output "concat_1" {
  value = concat([local.s], ["k"])
}

output "concat_2" {
  value = concat(local.l, ["k"])
}

output "concat_3" {
  value = concat(terraform_data.list.output, ["k"])
}

output "concat_4" {
  value = length(concat([local.s], ["k"]))
}

output "distinct_1" {
  value = distinct([local.s, "k"])
}

output "element_1" {
  value = element([local.s, "k"], 1)
}

output "element_2" {
  value = element(local.l, 0)
}

output "element_3" {
  value = element(["a", "b"], local.n)
}

output "flatten_1" {
  value = flatten([[local.s], ["k"]])
}

output "flatten_2" {
  value = flatten([local.l, ["k"]])
}

output "flatten_3" {
  value = flatten([terraform_data.list.output])
}

output "index_1" {
  value = index(["k", local.s], "k")
}

output "index_2" {
  value = index([local.s, "abc"], "abc")
}

output "reverse_1" {
  value = reverse([local.s, "k"])
}

output "reverse_2" {
  value = reverse(local.l)
}

output "slice_1" {
  value = slice([local.s, "k"], 1, 2)
}

output "slice_2" {
  value = slice(local.l, 0, 1)
}

output "sort_1" {
  value = sort([local.s, "k"])
}

output "sort_2" {
  value = length(sort([local.s, "k"]))
}

output "coalesce_1" {
  value = coalesce(local.s, "k")
}

output "coalesce_2" {
  value = coalesce("k", local.s)
}

output "coalesce_3" {
  value = coalesce("x-${local.s}", "k")
}

output "coalesce_4" {
  value = coalesce(null, local.s)
}

output "coalesce_5" {
  value = coalesce("", local.s)
}

output "coalescelist_1" {
  value = coalescelist([local.s], ["k"])
}

output "coalescelist_2" {
  value = coalescelist([], [local.s])
}

output "coalescelist_3" {
  value = coalescelist(local.l, ["k"])
}

output "contains_1" {
  value = contains([local.s, "k"], "k")
}

output "contains_2" {
  value = contains([local.s], "k")
}

output "contains_3" {
  value = contains(["k"], local.s)
}

output "contains_4" {
  value = contains(["x-${local.s}"], "y")
}

output "length_1" {
  value = length(local.s)
}

output "length_2" {
  value = length(local.l)
}

output "length_3" {
  value = length([local.s, "k"])
}

output "length_4" {
  value = length({ a = local.s })
}

output "length_5" {
  value = length(toset([local.s, "k"]))
}

output "length_6" {
  value = length(tolist([local.s, "k"]))
}

output "length_7" {
  value = length(toset([local.s]))
}

output "length_8" {
  value = length(local.m)
}

output "length_9" {
  value = length(terraform_data.list.output)
}

output "matchkeys_1" {
  value = matchkeys([local.s, "k"], ["a", "b"], ["b"])
}

output "matchkeys_2" {
  value = matchkeys(["k"], [local.s], ["abc"])
}

output "one_1" {
  value = one([local.s])
}

output "one_2" {
  value = one(local.l1)
}

output "one_3" {
  value = one(toset([local.s]))
}

output "keys_1" {
  value = keys({ b = local.s, a = 1 })
}

output "keys_2" {
  value = keys(local.m)
}

output "values_1" {
  value = values({ b = local.s, a = 1 })
}

output "values_2" {
  value = values(local.m)
}

output "lookup_1" {
  value = lookup({ a = local.s, b = "k" }, "b", "d")
}

output "lookup_2" {
  value = lookup({ a = local.s }, "a", "d")
}

output "lookup_3" {
  value = lookup({ a = local.s }, "z", "d")
}

output "lookup_4" {
  value = lookup(local.m, "a", "d")
}

output "lookup_5" {
  value = lookup({ a = "k" }, local.s, "d")
}

output "lookup_6" {
  value = lookup(tomap({ a = local.s, b = "k" }), "b", "d")
}

output "merge_1" {
  value = merge({ a = local.s }, { b = "k" })
}

output "merge_2" {
  value = merge(local.m, { b = "k" })
}

output "merge_3" {
  value = merge({ a = 1 }, terraform_data.map.output)
}

output "merge_4" {
  value = merge({ a = local.s }, { a = "k" }).a
}

output "merge_5" {
  value = keys(merge({ a = local.s }, { b = "k" }))
}

output "transpose_1" {
  value = transpose({ a = [local.s] })
}

output "zipmap_1" {
  value = zipmap(["a", "b"], [local.s, "k"])
}

output "zipmap_2" {
  value = zipmap([local.s], ["k"])
}

output "zipmap_3" {
  value = zipmap(["a", "b"], local.l)
}

output "setintersection_1" {
  value = setintersection([local.s, "k"], ["k"])
}

output "setproduct_1" {
  value = setproduct([local.s], ["k"])
}

output "setproduct_2" {
  value = setproduct(toset([local.s]), toset(["k"]))
}

output "setproduct_3" {
  value = length(setproduct([local.s, 1], ["k"]))
}

output "setsubtract_1" {
  value = setsubtract([local.s, "k"], ["k"])
}

output "setunion_1" {
  value = setunion([local.s], ["k"])
}

output "setunion_2" {
  value = setunion([local.s])
}

output "base64decode_1" {
  value = base64decode(local.s64)
}

output "base64encode_1" {
  value = base64encode(local.s)
}

output "base64gzip_1" {
  value = base64gzip(local.s)
}

output "base64sha256_1" {
  value = base64sha256(local.s)
}

output "base64sha512_1" {
  value = base64sha512(local.s)
}

output "md5_1" {
  value = md5(local.s)
}

output "sha1_1" {
  value = sha1(local.s)
}

output "sha256_1" {
  value = sha256(local.s)
}

output "sha512_1" {
  value = sha512(local.s)
}

output "uuidv5_1" {
  value = uuidv5("dns", local.s)
}

output "csvdecode_1" {
  value = csvdecode(local.s)
}

output "jsondecode_1" {
  value = jsondecode(local.json)
}

output "jsonencode_1" {
  value = jsonencode({ a = local.s })
}

output "jsonencode_2" {
  value = jsonencode(local.s)
}

output "jsonencode_3" {
  value = startswith(jsonencode({ a = local.s }), "{")
}

output "jsonencode_4" {
  value = startswith(jsonencode([local.s]), "x")
}

output "textdecodebase64_1" {
  value = textdecodebase64(local.s64, "UTF-8")
}

output "textencodebase64_1" {
  value = textencodebase64(local.s, "UTF-8")
}

output "urlencode_1" {
  value = urlencode(local.s)
}

output "yamldecode_1" {
  value = yamldecode(local.json)
}

output "yamlencode_1" {
  value = yamlencode({ a = local.s })
}

output "basename_1" {
  value = basename(local.s)
}

output "dirname_1" {
  value = dirname(local.s)
}

output "pathexpand_1" {
  value = pathexpand(local.s)
}

output "file_1" {
  value = file("files/${local.hello}")
}

output "fileexists_1" {
  value = fileexists("files/${local.hello}")
}

output "fileset_1" {
  value = fileset("files", local.hello)
}

output "filebase64_1" {
  value = filebase64("files/${local.hello}")
}

output "filebase64sha256_1" {
  value = filebase64sha256("files/${local.hello}")
}

output "filebase64sha512_1" {
  value = filebase64sha512("files/${local.hello}")
}

output "filemd5_1" {
  value = filemd5("files/${local.hello}")
}

output "filesha1_1" {
  value = filesha1("files/${local.hello}")
}

output "filesha256_1" {
  value = filesha256("files/${local.hello}")
}

output "filesha512_1" {
  value = filesha512("files/${local.hello}")
}

output "templatefile_1" {
  value = templatefile("files/greet.tftpl", { name = local.s, ports = [1] })
}

output "templatefile_2" {
  value = templatefile("files/greet.tftpl", { name = "k", ports = local.l })
}

output "templatefile_3" {
  value = templatefile("files/${local.only}", { n = 1 })
}

output "templatefile_4" {
  value = templatefile("files/only.tftpl", { n = 1, m = local.s })
}

output "templatestring_1" {
  value = templatestring(local.t, { x = local.s })
}

output "templatestring_2" {
  value = templatestring(local.t, { x = "k", y = local.s })
}

output "cidrhost_1" {
  value = cidrhost(local.cidr, 1)
}

output "cidrhost_2" {
  value = cidrhost("10.0.0.0/8", local.n)
}

output "cidrnetmask_1" {
  value = cidrnetmask(local.cidr)
}

output "cidrsubnet_1" {
  value = cidrsubnet(local.cidr, 8, 1)
}

output "cidrsubnets_1" {
  value = cidrsubnets(local.cidr, 8, 8)
}

output "formatdate_1" {
  value = formatdate("YYYY", local.time)
}

output "timeadd_1" {
  value = timeadd(local.time, "1h")
}

output "timecmp_1" {
  value = timecmp(local.time, local.time)
}

output "bcrypt_1" {
  value = length(bcrypt(local.s)) > 0
}

output "rsadecrypt_1" {
  value = can(rsadecrypt(local.s, local.s))
}

output "timestamp_1" {
  value = timestamp() != null
}

output "uuid_1" {
  value = uuid() != null
}

output "plantimestamp_1" {
  value = plantimestamp() != null
}

output "abspath_1" {
  value = basename(abspath(local.s))
}

output "tobool_1" {
  value = tobool(local.strue)
}

output "tonumber_1" {
  value = tonumber(local.digits)
}

output "tostring_1" {
  value = tostring(local.n)
}

output "tolist_1" {
  value = tolist([local.s, "k"])
}

output "tolist_2" {
  value = tolist(toset([local.s, "k"]))
}

output "tolist_3" {
  value = tolist(terraform_data.list.output)
}

output "toset_1" {
  value = toset([local.s, "k"])
}

output "toset_2" {
  value = toset(local.l)
}

output "tomap_1" {
  value = tomap({ a = local.s, b = "k" })
}

output "tomap_2" {
  value = tomap(terraform_data.map.output)
}

output "sensitive_1" {
  value = nonsensitive(sensitive(local.s))
}

output "nonsensitive_1" {
  value = nonsensitive(sensitive([local.s, "k"]))
}

output "issensitive_1" {
  value = issensitive(local.s)
}

output "issensitive_2" {
  value = issensitive(sensitive(local.s))
}

output "ephemeralasnull_1" {
  value = ephemeralasnull(local.s)
}

output "try_1" {
  value = try(local.s, "k")
}

output "try_2" {
  value = try(terraform_data.map.output.zz, "k")
}

output "try_3" {
  value = try({ a = local.s }.b, "k")
}

output "try_4" {
  value = try([local.s, "k"], [])
}

output "try_5" {
  value = try(tonumber(local.s), 5)
}

output "can_1" {
  value = can(local.s)
}

output "can_2" {
  value = can(terraform_data.map.output.zz)
}

output "can_3" {
  value = can({ a = local.s }.b)
}

output "can_4" {
  value = can(tonumber(local.s))
}

output "operators_1" {
  value = local.b && false
}

output "operators_2" {
  value = local.b || true
}

output "operators_3" {
  value = local.b && true
}

output "operators_4" {
  value = !local.b
}

output "operators_5" {
  value = local.n + 1
}

output "operators_6" {
  value = local.n * 0
}

output "operators_7" {
  value = local.n > 1
}

output "operators_8" {
  value = -local.n
}

output "operators_9" {
  value = local.n == 2
}

output "operators_10" {
  value = local.s == "abc"
}

output "operators_11" {
  value = local.s == null
}

output "operators_12" {
  value = "x${local.s}" == null
}

output "operators_13" {
  value = local.s != null
}

output "operators_14" {
  value = [local.s] == []
}

output "operators_15" {
  value = [local.s] == ["k", "k"]
}

output "operators_16" {
  value = { a = local.s } == { b = 1 }
}

output "operators_17" {
  value = { a = local.s, b = 1 } == { a = "abc", b = 2 }
}

output "operators_18" {
  value = terraform_data.text.output == 5
}

output "operators_19" {
  value = [local.s, "k"] == [local.s, "z"]
}

output "operators_20" {
  value = "x-${local.s}" == "y"
}

output "operators_21" {
  value = local.l == null
}

output "operators_22" {
  value = tolist([local.s]) == tolist([])
}

output "operators_23" {
  value = toset([local.s]) == toset([])
}

output "operators_24" {
  value = toset([local.s, "abc"]) == toset(["abc"])
}

output "conditionals_1" {
  value = local.b ? "k" : "k"
}

output "conditionals_2" {
  value = local.b ? "x-1" : "x-2"
}

output "conditionals_3" {
  value = startswith(local.b ? "x-1" : "x-2", "x-")
}

output "conditionals_4" {
  value = local.b ? [1] : [2, 3]
}

output "conditionals_5" {
  value = length(local.b ? tolist([1]) : tolist([2]))
}

output "conditionals_6" {
  value = local.b ? null : "k"
}

output "conditionals_7" {
  value = (local.b ? null : "k") == null
}

output "conditionals_8" {
  value = (local.b ? "j" : "k") == null
}

output "conditionals_9" {
  value = true ? "k" : local.s
}

output "conditionals_10" {
  value = true ? local.s : "k"
}

output "conditionals_11" {
  value = local.b ? { a = 1 } : { a = 1 }
}

output "conditionals_12" {
  value = local.b ? null : null
}

output "conditionals_13" {
  value = local.b ? 1 : 1.0
}

output "conditionals_14" {
  value = local.b ? "1" : 1
}

output "traversals_1" {
  value = [local.s, "k"][1]
}

output "traversals_2" {
  value = { a = local.s, b = "k" }.b
}

output "traversals_3" {
  value = local.m["a"]
}

output "traversals_4" {
  value = local.m.a
}

output "traversals_5" {
  value = local.l[0]
}

output "traversals_6" {
  value = terraform_data.map.output.a
}

output "traversals_7" {
  value = ["j", "k"][local.zero]
}

output "traversals_8" {
  value = { a = 1 }[local.s1]
}

output "traversals_9" {
  value = [{ a = local.s, b = 1 }][*].b
}

output "traversals_10" {
  value = local.l[*]
}

output "traversals_11" {
  value = terraform_data.list.output[*]
}

output "traversals_12" {
  value = local.s[*]
}

output "traversals_13" {
  value = toset([local.s, "k"])[*]
}

output "traversals_14" {
  value = [local.s, "k"][*]
}

output "loops_1" {
  value = [for x in [local.s, "k"] : "${x}!"]
}

output "loops_2" {
  value = [for x in local.l : x]
}

output "loops_3" {
  value = { for x in [local.s] : x => 1 }
}

output "loops_4" {
  value = { for k, v in { a = local.s, b = "k" } : k => v }
}

output "loops_5" {
  value = [for x in [local.s, "k"] : x if x != ""]
}

output "loops_6" {
  value = [for x in ["x-${local.s}", "k"] : x if x != ""]
}

output "loops_7" {
  value = [for x in toset([local.s, "k"]) : x]
}

output "loops_8" {
  value = [for k in keys({ a = local.s }) : k]
}

output "loops_9" {
  value = { for x in ["a", "b"] : x => local.s... }
}

output "templates_1" {
  value = "x-${local.s}"
}

output "templates_2" {
  value = "%{if local.b}a%{else}b%{endif}"
}

output "templates_3" {
  value = "%{for x in local.l}${x}%{endfor}"
}

output "templates_4" {
  value = "%{for x in [local.s, "k"]}${x}%{endfor}"
}

output "templates_5" {
  value = "a${local.s}" == "b"
}

output "templates_6" {
  value = "%{if local.b}k%{else}k%{endif}"
}

output "templates_7" {
  value = length("x${local.s}") > 0
}

output "templates_8" {
  value = local.s
}

output "calls_1" {
  value = max(local.nums...)
}

output "calls_2" {
  value = max([local.n, 1]...)
}

output "calls_3" {
  value = concat(local.lists...)
}

output "timestamp_2" {
  value = upper(timestamp())
}

output "timestamp_3" {
  value = [timestamp(), local.s][1]
}

output "uuid_2" {
  value = { a = uuid(), b = local.s }.b
}

output "plantimestamp_2" {
  value = timecmp(plantimestamp(), plantimestamp()) == 0
}

output "bcrypt_2" {
  value = bcrypt(local.s, 4) != ""
}

output "bcrypt_3" {
  value = bcrypt("x", terraform_data.number.output + 2) != null
}

output "base64gzip_2" {
  value = startswith(base64gzip(local.s), "H4")
}

output "rsadecrypt_2" {
  value = try(rsadecrypt(local.s, "x"), "refused")
}
