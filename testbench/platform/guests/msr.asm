; RDMSR and WRMSR at CPL 0 of 64-bit mode. What is written is read: two lines, bits 63:32 and 31:0.
%define BOOT_BITS 64
%include "machine.inc"

%macro WRITE 3           ; case, MSR, value
  CASE %1
  mov ecx, %2
  mov eax, (%3) & 0xFFFFFFFF
  mov edx, (%3) >> 32
  BASE
  wrmsr
  rdmsr
  mov r12d, eax
  SHOW edx
  SHOW r12d
  END
%endmacro

; The lowest address that is not canonical with 48 bits, one that is not with 57 either, and one that is.
%macro CANONICAL 2
%strcat name %1, '-48'
  WRITE name, %2, 0x0000800000000000
%strcat name %1, '-57'
  WRITE name, %2, 0xAAAAAAAAAAAAAAAA
%strcat name %1, '-ok'
  WRITE name, %2, 0xFFFF812345678ABC
%endmacro

bits 64
main:
  CANONICAL 'fs_base', 0xC0000100
  CANONICAL 'gs_base', 0xC0000101
  CANONICAL 'kernel_gs_base', 0xC0000102
  CANONICAL 'lstar', 0xC0000082
  CANONICAL 'cstar', 0xC0000083
  CANONICAL 'sysenter_esp', 0x175
  CANONICAL 'sysenter_eip', 0x176
  CANONICAL 'ds_area', 0x600
  CANONICAL 'rtit_addr0_a', 0x580
  CANONICAL 'rtit_addr1_b', 0x583
  CANONICAL 'ler_from', 0x1DD
; --- values and reserved bits
  WRITE 'tsc_aux', 0xC0000103, 0x100000000
  WRITE 'fmask', 0xC0000084, 0xFFFFFFFFFFFFFFFF
  WRITE 'sysenter_cs', 0x174, 0xFFFFFFFFFFFFFFFF
  WRITE 'debugctl-tr', 0x1D9, 0x40
  WRITE 'debugctl-8', 0x1D9, 8
  WRITE 'debugctl-10000', 0x1D9, 0x10000
  WRITE 'debugctl-bld', 0x1D9, 4
  WRITE 'debugctl-0', 0x1D9, 0
  WRITE 'efer-2', 0xC0000080, 0x503
  WRITE 'efer-lme', 0xC0000080, 0x401
  WRITE 'pat-type', 0x277, 0x0007040600070402
  WRITE 'pat', 0x277, 0x07070707
  WRITE 'mtrr_def_type-c02', 0x2FF, 0xC02
  WRITE 'mtrr_def_type-406', 0x2FF, 0x406
  WRITE 'mtrr_def_type-1000', 0x2FF, 0x1000
  WRITE 'mtrr_mask0-800', 0x201, 0x800
  WRITE 'mtrr_mask0-400', 0x201, 0x400
  WRITE 'dr0_addr_mask', 0xC0011027, 0xFFFFFFFFFFFFFFFF
  WRITE 'mc0_status', 0x401, 1
  WRITE 'last_branch_from', 0x1DB, 0
  WRITE 'no-such', 0x12345, 0
; --- registers
  CASE 'rdmsr-no-such'
  mov ecx, 0x12345
  mov eax, 0x77
  BASE
  rdmsr
  END
  CASE 'rdmsr-upper-halves'
  mov ecx, 0xC0000082
  mov rax, -1
  mov rdx, -1
  BASE
  rdmsr
  or rax, rdx
  shr rax, 32
  SHOW eax
  END
  CASE 'rcx-upper-half'
  mov rcx, 0xFFFFFFFF00000174
  BASE
  rdmsr
  SHOW eax
  END
  CASE 'failed-write'    ; changes nothing
  mov ecx, 0xC0000082
  mov eax, 0x1111
  xor edx, edx
  wrmsr
  mov dword [case_next], .after
  mov edx, 0x80000000
  BASE
  wrmsr
.after:
  mov ecx, 0xC0000082
  rdmsr
  SHOW eax
  END
  CASE 'lock-rdmsr'
  BASE
  db 0xF0, 0x0F, 0x32
  END
  CASE 'lock-wrmsr'
  BASE
  db 0xF0, 0x0F, 0x30
  END
  EXIT
