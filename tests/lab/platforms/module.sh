# machine: machine
# modules: p2pmem
# p2pmem.ko publishes memory, the CPU uses it, and its verdicts and distances are check's for every function.
. ./modules.sh
load p2pmem
judge_all
[ -s /tmp/ours ] || fail "no pairs were compared"
while read -r bar n; do
    run p2pmem providers "$bar"
    expect 0 "published .* p2pmem$n"
done </tmp/providers

# The last one: mapped, written and exported by a program, which is told when it goes.
background user p2pmem-guest use "$index"
until_says /tmp/user ready
run p2pmem-guest unpublish "$index" force
expect 0
ended user 0 '^told$'
rmmod p2pmem || fail "rmmod"
finish
