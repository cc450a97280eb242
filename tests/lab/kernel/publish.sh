# machine: provider.machine
# modules: p2pmem
# programs: examples/dmabuf
# publish, unpublish and stat on a kernel: what they do, what they refuse, what they leave behind.
. ./modules.sh
bar=0000:05:00.0
device=/sys/bus/pci/devices/$bar
# Linux without P2PDMA, as Debian's of 6.x: no driver publishes its drive's buffer.
cmb=0000:06:00.0
drivers_publish=$([ -e /sys/bus/pci/devices/$cmb/p2pmem ] && echo yes || echo no)

run p2pmem publish $bar --bar 2
expect 69 'modprobe p2pmem'
expect_lines 1
run p2pmem stat
expect 69 'modprobe p2pmem'
p2pmem doctor | grep -q 'module: .*p2pmem is not loaded' || fail 'the doctor does not say that it is missing'
load p2pmem
p2pmem doctor --only module --verbose | grep -q 'p2pmem can publish any memory BAR' || fail 'the doctor does not see it'
run p2pmem stat
expect 0 'Nothing is published'

untouched() {
    [ ! -e $device/driver ] || fail "$bar has a driver"
    [ "$(cat $device/driver_override)" = '(null)' ] || fail "$bar has an override"
}

# Refused, and nothing is changed.
run p2pmem publish $bar --bar 1
expect 69 'BAR 1 of .* is not there.*: BAR 0 (256 bytes), BAR 2 (64 MiB)$'
expect_lines 1
run p2pmem publish $bar --bar 0
expect 64 'less than a page'
run p2pmem publish $bar --bar 2 --offset 100
expect 64 'multiples of 4096'
run p2pmem publish $bar --bar 2 --offset 60M --size 8M
expect 64 'which has 67108864 bytes'
run p2pmem publish $bar --bar 2 --size 1M --pages
expect 69 'cannot have struct pages: .*, leaving --pages out'
run p2pmem publish $bar --driver-memory
expect 69 'has no driver'
run p2pmem publish $bar --bar 6
expect 64 'use 0, 1, 2, 3, 4, 5'
run p2pmem publish $bar
expect 64 'give --bar N'
run p2pmem publish $bar --bar 2 --pages --no-pages
expect 64 'mutually exclusive'
run p2pmem publish 0000:77:00.0 --bar 2
expect 66 '77:00.0'
run p2pmem publish nvme0 --bar 0 --size 4096
expect 69 'has the driver nvme, which may use BAR 0' '--beside-driver'
expect_lines 1
run p2pmem publish nvme0 --bar 0 --size 4096 --beside-driver
expect 69 'claimed by nvme' 'and with it what uses the device'
run p2pmem publish nvme0 --driver-memory
expect 69
# A drive's own buffer is had from its driver, not by taking the driver away.
run p2pmem publish $cmb --bar 2
if [ $drivers_publish = yes ]; then
    expect 69 'publish that instead, with --driver-memory$'
    expect_not 'unbind'
else
    expect 69 'has the driver nvme, which may use BAR 2' '--beside-driver$'
fi
run p2pmem unpublish p2pmem0
expect 66 'no /dev/p2pmem0'
run p2pmem unpublish $bar
expect 66 'nothing of 0000:05:00.0 is published'
run p2pmem stat p2pmem0
expect 66 'no p2pmem0'
run p2pmem stat nvme0
expect 64 'name it as in p2pmem0'
untouched

# Two ranges: p2pmem becomes the driver with the first, and goes with the last.
run p2pmem publish $bar --bar 2 --offset 1M --size 512K
expect 0 '^/dev/p2pmem0: 512 KiB of 0000:05:00.0, BAR 2 from 0x100000, without struct pages$' \
    'p2pmem is now the driver' 'note: without struct pages'
[ "$(cat $device/driver_override)" = p2pmem ] || fail "no override"
run p2pmem publish $bar --bar 2 --offset 1M --size 4K
expect 69 'published already, or part of it, as /dev/p2pmem0'
run p2pmem publish $bar --bar 2 --offset 2M --size 4M --no-pages --json
expect 0 '"node": "/dev/p2pmem1"' '"page_backed": false' '"no_pages": null' '"bound": false'
run p2pmem stat
expect 0 '^p2pmem0  0000:05:00.0  2  *0x100000  512 KiB  512 KiB  no ' \
    '^p2pmem1  0000:05:00.0  2  *0x200000  4 MiB  *4 MiB  *no ' 'Refused: .*1 published'
run p2pmem stat --json p2pmem1
expect 0 '"index": 1,' '"size": 4194304' '"counted": true'
expect_not '"index": 0,'
for width in 40 80 200; do
    check "stat fits $width columns" [ "$(COLUMNS=$width p2pmem stat | wc -L)" -le $width ]
done
run p2pmem providers
expect 0 'published  *p2pmem0, no pages  512 KiB' 'published  *p2pmem1, no pages  4 MiB'
run p2pmem copy --length 1M --provider p2pmem1 /dev/nvme0n1 /dev/nvme1n1
expect 69 '/dev/p2pmem1 has no struct pages'
expect_lines 1
run p2pmem copy --length 1M /dev/nvme0n1 /dev/nvme1n1 --strategy auto
expect 0
run p2pmem unpublish /dev/p2pmem0
expect 0 '1 range unpublished$'
[ -e $device/driver ] || fail "the driver went with the first range"
run p2pmem unpublish $bar
expect 0 '1 range unpublished; the device has no driver again'
untouched
[ ! -e /dev/p2pmem1 ] || fail "/dev/p2pmem1 is still there"

# One state, one word, whoever is asked; and publishing leaves nothing unknown.
p2pmem doctor >/dev/null
before=$?
run p2pmem publish $bar --bar 2
expect 0
run p2pmem providers
expect 0 '^05:00.0 .*  published  *p2pmem0.*  64 MiB' \
    "$([ $drivers_publish = yes ] && echo '2 devices publish' || echo '1 device publishes') memory"
run p2pmem topo
expect 0 '05:00.0 .*  published 64 MiB'
run p2pmem doctor --verbose
expect $before '0000:05:00.0: published 64 MiB, 64 MiB free, as p2pmem0'
run p2pmem stat
expect 0 '^1 range published: 64 MiB, 64 MiB free'
run p2pmem topo --json
expect 0 '"node": "/dev/p2pmem0"'
run p2pmem check nvme0 $bar
expect_not 'provides no memory'
run p2pmem unpublish $bar
expect 0

# A program on the library alone: it has a dma-buf of some, and asks who reaches it.
run p2pmem publish $bar --bar 2
expect 0 '^/dev/p2pmem0: 64 MiB'
run dmabuf p2pmem0 nvme0
expect 0 '^dma-buf of 65536 bytes, direct, distance 4, by the rules of Linux [0-9.]*: common-port at 0000:'
run dmabuf p2pmem9 nvme0
expect 1 '^p2pmem9 publishes no peer memory: choose one that does$'
run dmabuf nvme0 nvme1
expect 1 '^nvme0 publishes no peer memory: choose one that does$'
run dmabuf $cmb nvme0
if [ $drivers_publish = yes ]; then
    expect 1 'only memory that p2pmem.ko publishes becomes a dma-buf'
else
    expect 1 'publishes no peer memory'
fi
run p2pmem unpublish $bar
expect 0

# In use: an open file alone holds nothing, an allocation does.
run p2pmem publish $bar --bar 2
expect 0 '^/dev/p2pmem0: 64 MiB'
check 'the module unloads' rmmod p2pmem
run p2pmem stat
expect 69
finish
