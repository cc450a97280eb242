# machine: machine
# modules: p2pmem
# p2pmem.ko publishes memory, the CPU uses it, and its verdicts and distances are check's for every function.
. ./modules.sh
load p2pmem
: >/tmp/module
: >/tmp/providers
n=1
while bar=$(memory_bar $n) && [ -n "$bar" ]; do
    take "$bar"
    publish "$bar" bar=2
    run p2pmem providers "$bar"
    expect 0 "published .* p2pmem$index"
    p2pmem-guest verdict "$index" all >>/tmp/module
    echo "$bar" >>/tmp/providers
    n=$((n + 1))
done
cut -d ' ' -f 1-4 /tmp/module | sort >/tmp/modules
p2pmem matrix --all --csv |
    awk -F , 'FNR == NR { known[$1]; next } $2 in known { print $1, $2, $4, $3 }' /tmp/providers - |
    sort >/tmp/ours
check "p2pmem.ko and p2pmem disagree" diff /tmp/modules /tmp/ours
[ -s /tmp/ours ] || fail "no pairs were compared"
echo "$(wc -l </tmp/ours) pairs"

# The last one: mapped, written and exported by a program, which is told when it goes.
background user p2pmem-guest use "$index"
until_says /tmp/user ready
run p2pmem-guest unpublish "$index" force
expect 0
ended user 0 '^told$'
rmmod p2pmem || fail "rmmod"
finish
