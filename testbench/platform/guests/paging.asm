; Linear and physical addresses, and the error codes of #PF, in 64-bit mode with 4 KiB pages at 200000h.
%define BOOT_BITS 64
%include "machine.inc"

PT     equ TABLES + 0x3000
AREA   equ 0x200000
FRAME0 equ 0x30000       ; frames: 8 pages from here
P  equ 1
W  equ 2
U  equ 4

; The page at AREA + 1000h * %1 has the entry %2.
%macro PAGE 2
  mov rax, %2
  mov [abs PT + 8 * (%1)], rax
  invlpg [abs AREA + 0x1000 * (%1)]
%endmacro

%macro CR4_SET 1
  mov rax, cr4
  or eax, %1
  mov cr4, rax
%endmacro
%macro CR4_CLEAR 1
  mov rax, cr4
  and eax, ~(%1)
  mov cr4, rax
%endmacro

bits 64
main:
  mov edi, PT
  mov ecx, 512
  xor eax, eax
  rep stosq
  mov dword [TABLES + 0x2008], PT + 7
  mov rax, cr3
  mov cr3, rax
  mov ecx, 0xC0000080
  rdmsr
  or eax, 0x800          ; NXE
  wrmsr

  PAGE 0, FRAME0 + P + W + U
  PAGE 1, FRAME0 + P + W + U           ; the same frame again
  PAGE 2, FRAME0 + 0x5000 + P + W + U  ; behind page 1, not behind its frame
; --- breakpoints are linear
  mov ebx, AREA + 0x100
  CASE 'watch-alias'
  ARM 0, AREA + 0x100, RW_WRITE | LENGTH_4
  BASE
  mov [abs FRAME0 + 0x100], eax        ; the frame's own linear address
  mov [byte rbx + 0x1000 - 0x1000], eax
  mov [dword rbx + 0x1000], eax
  nop
  END
  CASE 'watch-frame'                   ; the other way round
  ARM 0, FRAME0 + 0x100, RW_WRITE | LENGTH_4
  BASE
  mov [rbx], eax
  mov [abs FRAME0 + 0x100], eax
  nop
  END
  CASE 'watch-second-page'
  ARM 0, AREA + 0x2000, RW_WRITE | LENGTH_1
  mov ebx, AREA + 0x1FFD
  BASE
  mov [rbx], eax
  mov [abs FRAME0 + 0x1000], eax
  nop
  END
  CASE 'breakpoint-alias', DB_SET_RF   ; NOP, RET at both linear addresses
  mov word [abs FRAME0 + 0x200], 0xC390
  ARM 1, AREA + 0x1200, RW_EXECUTE | LENGTH_1
  mov dword [case_base], AREA + 0x1200
  BASE
  mov eax, AREA + 0x200
  call rax
  mov eax, AREA + 0x1200
  call rax
  mov eax, FRAME0 + 0x200
  call rax
  END
; --- an access that faults is no access
  CASE 'watch-not-present'
  ARM 0, AREA + 0x3000, RW_ACCESS | LENGTH_1
  BASE
  mov al, [abs AREA + 0x3000]
  END
  CASE 'watch-half-present'            ; the watch is in the page that is there
  ARM 0, AREA + 0x2FFF, RW_WRITE | LENGTH_1
  BASE
  mov [abs AREA + 0x2FFE], eax
  END

; --- error codes: P 1, W/R 2, U/S 4, RSVD 8, I/D 10
  CASE 'read-not-present'
  BASE
  mov al, [abs AREA + 0x3123]
  END
  CASE 'write-not-present'
  BASE
  mov [abs AREA + 0x3123], al
  END
  CASE 'fetch-not-present'
  mov dword [case_base], AREA + 0x3000
  BASE
  mov eax, AREA + 0x3000
  jmp rax
  END
  PAGE 4, FRAME0 + P + U
  CASE 'write-read-only'
  BASE
  mov [abs AREA + 0x4000], al
  END
  mov rax, cr0
  and eax, ~0x10000
  mov cr0, rax
  CASE 'write-read-only-wp-0'
  BASE
  mov [abs AREA + 0x4000], al
  END
  mov rax, cr0
  or eax, 0x10000
  mov cr0, rax
  PAGE 5, FRAME0 + P + W
  PAGE 6, (1 << 63) + FRAME0 + P + W + U
  CASE 'fetch-nx'
  mov dword [case_base], AREA + 0x6200
  BASE
  mov eax, AREA + 0x6200
  jmp rax
  END
  CASE 'read-nx'
  BASE
  mov al, [abs AREA + 0x6000]
  END
  PAGE 7, (1 << 51) + FRAME0 + P + W + U
  CASE 'reserved-read'
  BASE
  mov al, [abs AREA + 0x7000]
  END
  CASE 'reserved-write'
  BASE
  mov [abs AREA + 0x7000], al
  END
  PAGE 7, (1 << 51) + FRAME0 + W + U
  CASE 'reserved-not-present'          ; of what is not present nothing is reserved
  BASE
  mov [abs AREA + 0x7000], al
  END
  CASE 'non-canonical'
  mov rbx, 0x800000000000
  BASE
  mov al, [rbx]
  END
  CASE 'non-canonical-stack'
  mov rbp, 0x800000000000
  BASE
  mov al, [rbp]
  END
; --- at CPL 3
  CASE 'user-read-supervisor'
  TO_USER %$base, 2
  BASE
  mov al, [abs AREA + 0x5000]
  END
  CASE 'user-write-supervisor'
  TO_USER %$base, 2
  BASE
  mov [abs AREA + 0x5000], al
  END
  CASE 'user-write-read-only'
  TO_USER %$base, 2
  BASE
  mov [abs AREA + 0x4000], al
  END
  CASE 'user-fetch-supervisor'
  mov dword [case_base], AREA + 0x5200
  TO_USER AREA + 0x5200, 2
  BASE
  END
  CASE 'user-fetch-nx'
  mov dword [case_base], AREA + 0x6200
  TO_USER AREA + 0x6200, 2
  BASE
  END
  CASE 'user-read-not-present'
  TO_USER %$base, 2
  BASE
  mov al, [abs AREA + 0x3000]
  END
; --- SMEP and SMAP: AREA alone has user pages
  mov edi, TABLES + 0x2000             ; the rest becomes a supervisor's
  and byte [rdi], ~4
  CR4_SET 0x300000
  CASE 'smep'
  mov dword [case_base], AREA + 0x1200
  BASE
  mov eax, AREA + 0x1200
  jmp rax
  END
  CASE 'smap-read'
  BASE
  mov al, [abs AREA]
  END
  CASE 'smap-write'
  BASE
  mov [abs AREA], al
  END
  CASE 'smap-stac'
  stac
  BASE
  mov al, [abs AREA]
  clac
  END
  CR4_CLEAR 0x300000
  or byte [rdi], 4
; --- accessed and dirty
  CASE 'accessed'
  PAGE 0, FRAME0 + P + W + U
  BASE
  mov al, [abs AREA]
  SHOW [abs PT]
  END
  CASE 'dirty'
  BASE
  mov [abs AREA], al
  SHOW [abs PT]
  END
  CASE 'not-dirty-by-fault'
  PAGE 4, FRAME0 + P + U
  mov dword [case_next], .after
  BASE
  mov [abs AREA + 0x4000], al
.after:
  mov eax, [abs PT + 0x20]
  and eax, 0x40
  SHOW eax
  END
  EXIT
