; MOV DR, DR6 and DR7, INT1, INT3 and INT n, at CPL 0 of 64-bit and compatibility mode.
%define BOOT_BITS 64
%include "machine.inc"

%macro CR4_DE 1
  mov rax, cr4
  and eax, ~8
  or eax, %1 << 3
  mov cr4, rax
%endmacro

GD equ 0x2000

; Writes %2 to DR%1 in the case %3, and shows what is read.
%macro READ_BACK 3
  CASE %3
  mov eax, %2
  BASE
  mov dr%1, rax
  mov rax, dr%1
  SHOW eax
  END
%endmacro

bits 64
main:
; --- general detect
  CASE 'gd-read'
  SET_DR 0, 0x1234
  SET_DR 7, 0x400 | GD
  mov eax, 0x5678
  BASE
  mov rax, dr0
  SHOW eax
  END
  CASE 'gd-write'
  SET_DR 7, 0x400 | GD
  mov eax, 0x9ABC
  BASE
  mov dr3, rax
  mov rax, dr3
  SHOW eax
  END
  CASE 'gd-dr6'
  SET_DR 7, 0x400 | GD
  BASE
  mov rax, dr6
  SHOW eax
  END
  CASE 'gd-illegal'      ; GD first, then the value
  SET_DR 7, 0x400 | GD
  mov rax, 0x100000400
  BASE
  mov dr7, rax
  END
  CASE 'gd-kept-bits', DB_KEEP_DR6
  SET_DR 6, 0xFFFF4FF3
  SET_DR 7, 0x400 | GD
  BASE
  mov rax, dr0
  END
  CASE 'gd-by-breakpoint' ; any #DB clears GD
  mov ebx, DATA
  ARM 0, DATA, RW_WRITE | LENGTH_1, GD
  BASE
  mov [rbx], al
  mov rax, dr0
  END

; --- illegal values
  CASE 'illegal-dr6'
  mov rax, 0x100000000
  BASE
  mov dr6, rax
  END
  CASE 'illegal-dr7'
  mov rax, 0x8000000000000400
  BASE
  mov dr7, rax
  END
  CASE 'dr0-non-canonical'
  mov rax, 0x8000000000000000
  BASE
  mov dr0, rax
  xor eax, eax
  mov rax, dr0
  shr rax, 32
  SHOW eax
  END

; --- DR4 and DR5
  CR4_DE 0
  CASE 'alias-dr4'
  SET_DR 6, 0xFFFF4FF0
  BASE
  mov rax, dr4
  SHOW eax
  END
  CASE 'alias-dr5'
  mov eax, 0x700
  BASE
  mov dr5, rax
  mov rax, dr7
  SHOW eax
  END
  CASE 'alias-illegal'
  mov rax, 0x10000000000
  BASE
  mov dr5, rax
  END
  CASE 'alias-gd'
  SET_DR 7, 0x400 | GD
  BASE
  mov rax, dr5
  END
  CR4_DE 1
  CASE 'de-dr4'
  BASE
  mov rax, dr4
  END
  CASE 'de-dr5'
  BASE
  mov dr5, rax
  END
  CASE 'de-gd'           ; #UD; GD stays, and takes the handler's MOV DR
  SET_DR 7, 0x400 | GD
  BASE
  mov rax, dr4
  END

; --- encodings
  CASE 'rex-r'
  SET_DR 7, 0x400 | GD
  BASE
  db 0x44, 0x0F, 0x21, 0xC0
  END
  CASE 'lock'
  BASE
  db 0xF0, 0x0F, 0x21, 0xC0
  END
  CASE 'mod-ignored'     ; no displacement: INT3 is at +3
  BASE
  db 0x0F, 0x21, 0x05
  int3
  nop
  END
  CASE 'prefixes-ignored'
  mov rax, 0x123456789
  mov dr0, rax
  xor eax, eax
  BASE
  db 0x66, 0xF3, 0x0F, 0x21, 0xC0
  shr rax, 32
  SHOW eax
  END
  CASE 'rex-b'
  mov r8d, 0x4321
  BASE
  mov dr1, r8
  mov rax, dr1
  SHOW eax
  END

; --- what is read back
  READ_BACK 6, 0, 'dr6-0'
  READ_BACK 6, 0xFFFFFFFF, 'dr6-ones'
  READ_BACK 6, 0x10000, 'dr6-rtm'
  READ_BACK 6, 0x800, 'dr6-bld'
  READ_BACK 7, 0, 'dr7-0'
  READ_BACK 7, 0xFFFFDFFF, 'dr7-ones'

; --- DR6 as a #DB leaves it
  CASE 'sticky', DB_KEEP_DR6
  mov ebx, DATA
  SET_DR 6, 0xFFFF4FF8
  ARM 0, DATA, RW_WRITE | LENGTH_1
  BASE
  mov [rbx], al
  nop
  END
  CASE 'sticky-int1', DB_KEEP_DR6
  SET_DR 6, 0xFFFF0FF5
  BASE
  int1
  nop
  END

; --- INT1, INT3, INT n
  CASE 'int1'
  BASE
  int1
  nop
  END
  CASE 'int1-prefix'
  BASE
  db 0x2E
  int1
  nop
  END
  CASE 'int1-lock'
  BASE
  db 0xF0
  int1
  END
  CASE 'int3'
  BASE
  int3
  nop
  END
  CASE 'int-3'
  BASE
  db 0xCD, 3
  nop
  END
  CASE 'int-1'
  BASE
  db 0xCD, 1
  nop
  END
  CASE 'int-n'
  BASE
  int 0x21
  nop
  END
  CASE 'int1-then-x', DB_SET_RF ; INT1's own, then that of the next instruction
  ARM 0, %$base + 1, RW_EXECUTE | LENGTH_1
  BASE
  int1
  nop
  END

; --- instruction breakpoints
  CASE 'x-twice', DB_SET_RF
  ARM 0, %$base, RW_EXECUTE | LENGTH_1
  mov ecx, 2
  BASE
  dec ecx
  jnz %$base
  END
  CASE 'x-behind-prefix'
  ARM 0, %$base + 1, RW_EXECUTE | LENGTH_1
  BASE
  db 0x66
  nop
  END
  CASE 'x-first-byte', DB_SET_RF
  ARM 0, %$base, RW_EXECUTE | LENGTH_1
  BASE
  db 0x66
  nop
  END
  CASE 'x-local', DB_SET_RF
  SET_DR 2, %$base
  SET_DR 7, 0x410
  BASE
  nop
  END
  CASE 'x-disabled'
  SET_DR 2, %$base
  SET_DR 7, 0x400
  BASE
  nop
  END
  CASE 'x-ud'            ; before the decoder's fault
  ARM 0, %$base, RW_EXECUTE | LENGTH_1
  mov dword [case_db], DB_SET_RF
  BASE
  ud2
  END
  CASE 'w-then-x', DB_SET_RF ; a trap and the next instruction's breakpoint
  SET_DR 1, %$base + 2
  mov ebx, DATA
  ARM 0, DATA, RW_WRITE | LENGTH_1, ENABLE(1)
  BASE
  mov [rbx], al
  nop
  END

  mov rax, 0x1122334455667788
  mov dr0, rax
  mov dr1, rax
  jmp far dword [.compatibility]
.compatibility:
  dd compatibility
  dw CODE32
bits 32
compatibility:
  CASE 'compat-read'
  BASE
  mov eax, dr0
  SHOW eax
  END
  CASE 'compat-gd'
  SET_DR 7, 0x400 | GD
  BASE
  mov eax, dr0
  END
  CASE 'compat-write'    ; bits 63:32 of a DR become 0
  mov eax, 0x55
  BASE
  mov dr1, eax
  jmp far [.long]
.long:
  dd .in_long
  dw CODE64
bits 64
.in_long:
  mov rax, dr1
  shr rax, 32
  SHOW eax
  mov rax, 0x1111111100000400 ; an illegal DR7 in 64-bit mode, a legal one behind
  jmp far dword [.back]
.back:
  dd .in_compatibility
  dw CODE32
bits 32
.in_compatibility:
  mov dr7, eax
  END
  EXIT
