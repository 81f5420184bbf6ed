; Virtual-8086 mode.
%define BOOT_BITS 32
%include "machine.inc"

IOPL_3 equ 0x3000

%macro V86 2-4 0, 0      ; case, EFLAGS, more of DR7, DB_...
  CASE %1, %4
  SET_DR 7, 0x400 | (%3)
  TO_V86 %$base, %2
  bits 16
  BASE
%endmacro
%macro END_V86 0
  bits 32
  END
%endmacro

bits 32
main:
  V86 'mov-dr', IOPL_3
  mov eax, dr0
  END_V86
  V86 'gd', IOPL_3, 0x2000
  mov eax, dr0
  END_V86
  V86 'rdmsr', IOPL_3
  rdmsr
  END_V86
  V86 'hlt', IOPL_3
  hlt
  END_V86
  V86 'mov-cr', IOPL_3
  mov eax, cr0
  END_V86
; --- IOPL 0
  V86 'cli', 0
  cli
  END_V86
  V86 'pushf', 0
  pushf
  END_V86
  V86 'popf', 0
  popf
  END_V86
  V86 'iret', 0
  iret
  END_V86
  V86 'int-n', 0
  int 0x21
  END_V86
  V86 'int3', 0, 0, DB_LEAVE
  int3
  cli
  END_V86
  V86 'int1', 0, 0, DB_LEAVE
  int1
  END_V86
; --- IOPL 3
  V86 'int-n-iopl-3', IOPL_3
  int 0x21
  int 0x40
  END_V86
  V86 'cli-iopl-3', IOPL_3
  cli
  sti
  cli
  int 0x40
  END_V86
  V86 'step', IOPL_3 | 0x100, 0, DB_STEPS(2)
  nop
  nop
  int 0x40
  END_V86
  V86 'step-int', IOPL_3 | 0x100, 0, DB_STEPS(2)
  int 0x21
  nop
  int 0x40
  END_V86
  CASE 'watch'           ; linear: 16 times the segment
  ARM 0, 0x1F105, RW_WRITE | LENGTH_1
  TO_V86 %$base, IOPL_3
  bits 16
  BASE
  mov ax, 0x1F00
  mov ds, ax
  mov [0x105], al
  mov [cs:0xF105], al
  int 0x40
  END_V86
  CASE 'mov-ss-int'
  mov word [DATA], 0
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  TO_V86 %$base, IOPL_3
  bits 16
  BASE
  mov ss, [DATA]
  int 0x21
  int 0x40
  END_V86
; --- ports by the TSS, whatever IOPL is
  or byte [tss + 104 + 0x80 / 8], 1
  V86 'in', IOPL_3
  in al, 0x80
  END_V86
  V86 'in-free', IOPL_3
  in al, 0x81
  int 0x40
  END_V86
  V86 'limit', IOPL_3
  mov eax, 0x10000
  mov al, [eax]
  END_V86
  V86 'lldt', IOPL_3
  lldt ax
  END_V86
  EXIT
