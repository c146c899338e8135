locals {
  greeting = "Hello $${name}!"
  loop     = "%%{ for x in l }$${x},%%{ endfor }"
  stripped = "a\n  %%{~ if true ~}\n  b\n%%{ endif ~}\nc"
  broken   = "$${"
  plain    = "x"
  number   = 5
  single   = "$${x}"
}
