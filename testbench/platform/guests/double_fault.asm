; Exceptions while exceptions are delivered, #DF on a stack of its own, and a triple fault to end with.
%define BOOT_BITS 64
%include "machine.inc"

bits 64
main:
  CASE 'np-gate'         ; benign (#BP), then #NP
  and byte [idt + 3 * 16 + 5], 0x7F
  BASE
  int3
  END
  or byte [idt + 3 * 16 + 5], 0x80
  CASE 'gp-then-np'      ; contributory twice
  and byte [idt + 13 * 16 + 5], 0x7F
  mov ecx, 0x12345
  BASE
  rdmsr
  END
  or byte [idt + 13 * 16 + 5], 0x80
  CASE 'pf-then-np'
  and byte [idt + 14 * 16 + 5], 0x7F
  BASE
  mov al, [abs 0x40000000]
  END
  or byte [idt + 14 * 16 + 5], 0x80
  CASE 'ud-then-np'      ; benign, then #NP with EXT
  and byte [idt + 6 * 16 + 5], 0x7F
  BASE
  ud2
  END
  or byte [idt + 6 * 16 + 5], 0x80
  CASE 'db-then-np'      ; DR6 and GD are as the #DB left them
  and byte [idt + 1 * 16 + 5], 0x7F
  SET_DR 7, 0x2400
  BASE
  mov rax, dr0
  END
  or byte [idt + 1 * 16 + 5], 0x80
  CASE 'limit'
  mov word [idtr], 0x20 * 16 - 1
  lidt [idtr]
  BASE
  int 0x21
  END
  CASE 'pf-on-stack'     ; RSP leads to where nothing is: #PF while #UD is pushed is #PF, and it again #DF
  mov esp, 0x80000000
  BASE
  ud2
  END
  CASE 'triple'
  mov word [idtr], 3 * 16 - 1
  lidt [idtr]
  BASE
  int3
  END
  EXIT
