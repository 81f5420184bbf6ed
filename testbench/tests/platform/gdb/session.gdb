set pagination off
set confirm off
info threads
break in_32_bits
continue
p/x *(int*)&counter_32
p $eax
delete
break main
continue
p/x $efer
p/x $cr0
p/x $cr4
hbreak at_store
stepi 3
continue
p/x $lstar
set $star = 0x0010000800000000
p/x $star
monitor msr 0xC0000081
monitor msr KERNEL_GS_BASE 0x123456789
p/x $kernel_gs_base
watch *(int*)&counter
continue
continue
delete
rwatch *(int*)&counter
continue
set $eax = 0
delete
set $fs_base = (long)&counter
stepi
p $eax
awatch *(int*)&own
continue
info symbol $pc
p/x *(int*)&own
p/x $dr6
p/x $dr7
break db_handler
continue
p/x $dr6
p/x $dr7
info symbol *(long*)$rsp
delete
hbreak behind_own
watch *(short*)((char*)&buffer + 6)
continue
continue
p/x *(short*)((char*)&buffer + 4)
info symbol $pc
p $rcx
p *(int*)&events
p/x *(long*)&seen_dr7
p/x *(long*)&seen_dr3
set {int}&counter = 77
set var $dr1 = 0x4321
p *(int*)&counter
p/x $dr1
monitor dr
hbreak done
continue
p *(int*)&events
p/x *(long*)&seen_dr6
p/x *((long*)&seen_dr6 + 1)
p/x *((long*)&seen_dr6 + 5)
p/x *((long*)&seen_dr6 + 6)
p *(int*)&seen_debugctl
monitor where
continue
