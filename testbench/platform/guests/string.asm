; REP with a watch in the middle, in 64-bit mode: where it stops, and what is left in RCX (cx=).
%define BOOT_BITS 64
%include "machine.inc"

TARGET equ 0x20000       ; free RAM, 1000h bytes each
SOURCE equ 0x21000

; REP %4 of %3 elements from SOURCE to TARGET, a watch of kind %2 at %5.
%macro REPEAT 5
  CASE %1, DB_COUNT
  ARM 1, %5, %2
  mov ecx, %3
  mov esi, SOURCE
  mov edi, TARGET
  BASE
  rep %4
  nop
  END
%endmacro
%macro REPEAT_DOWN 6
  CASE %1, DB_COUNT
  ARM 1, %5, %2
  mov ecx, %3
  lea esi, [SOURCE + %3 * %6 - %6]
  lea edi, [TARGET + %3 * %6 - %6]
  std
  BASE
  rep %4
  cld
  END
%endmacro

W1 equ RW_WRITE | LENGTH_1
A1 equ RW_ACCESS | LENGTH_1
A4 equ RW_ACCESS | LENGTH_4

bits 64
main:
; --- in blocks of 64 bytes
  REPEAT 'movsb', W1, 200, movsb, TARGET + 100
  REPEAT 'movsb-read', A1, 200, movsb, SOURCE + 100
  REPEAT 'movsq', W1, 64, movsq, TARGET + 100
  REPEAT 'stosq', W1, 64, stosq, TARGET + 64
  REPEAT 'stosb-last', W1, 128, stosb, TARGET + 127
; --- one by one
  REPEAT 'lodsq', A1, 16, lodsq, SOURCE + 41
  REPEAT_DOWN 'movsd-down', W1, 16, movsd, TARGET + 20, 4
  REPEAT_DOWN 'stosb-down', W1, 200, stosb, TARGET + 99, 1
  CASE 'scasb', DB_COUNT
  ARM 1, TARGET + 0x805, A1
  mov ecx, 16
  mov edi, TARGET + 0x800
  xor eax, eax
  BASE
  repe scasb
  nop
  END
  CASE 'cmpsb', DB_COUNT
  ARM 1, SOURCE + 0x805, A1
  mov ecx, 16
  mov edi, TARGET + 0x800
  mov esi, SOURCE + 0x800
  BASE
  repe cmpsb
  nop
  END
  CASE 'last', DB_COUNT  ; RF=0, RIP behind
  ARM 1, SOURCE + 0x20F, A1
  mov ecx, 16
  mov esi, SOURCE + 0x200
  BASE
  rep lodsb
  nop
  END
  CASE 'none', DB_COUNT  ; RCX = 0: no access
  ARM 1, TARGET, A1
  xor ecx, ecx
  mov edi, TARGET
  BASE
  rep stosb
  nop
  END
; --- ports: after the first iteration
  CASE 'outsb', DB_COUNT
  ARM 0, 0x80, RW_IO | LENGTH_1
  mov ecx, 2
  mov esi, SOURCE
  mov edx, 0x80
  BASE
  rep outsb
  nop
  END
  CASE 'insb', DB_COUNT
  ARM 0, TARGET + 2, W1
  mov ecx, 4
  mov edi, TARGET
  mov edx, 0x80
  BASE
  rep insb
  nop
  END
; --- without REP
  CASE 'movsd-single'
  ARM 0, TARGET + 3, W1
  mov esi, SOURCE
  mov edi, TARGET
  BASE
  movsd
  nop
  END
; --- what counts as an access
  mov ebx, DATA
  mov dword [rbx], 5
  CASE 'cmpxchg-fails'
  ARM 0, DATA, W1
  xor eax, eax
  BASE
  cmpxchg [rbx], ecx
  nop
  END
  CASE 'bt'
  ARM 0, DATA, A1
  BASE
  bt dword [rbx], 1
  nop
  END
  CASE 'xchg'
  ARM 0, DATA, W1
  BASE
  xchg [rbx], al
  nop
  END
  CASE 'inc'
  ARM 0, DATA, W1
  BASE
  inc byte [rbx]
  nop
  END
  CASE 'lea-nop-prefetch'
  ARM 0, DATA, A1
  BASE
  lea eax, [rbx]
  nop dword [rbx]
  prefetcht0 [rbx]
  END
  CASE 'clflush'
  ARM 0, DATA, A1
  BASE
  clflush [rbx]
  nop
  END
  CASE 'sse-last-byte'
  ARM 0, DATA + 15, W1
  BASE
  movaps [rbx], xmm0
  nop
  END
  CASE 'push'
  lea eax, [rsp - 8]
  mov dr2, rax
  SET_DR 7, 0x400 | ENABLE(2) | KIND(2, W1)
  BASE
  push rax
  nop
  pop rax
  END
  CASE 'call'            ; RIP is where it goes
  lea eax, [rsp - 8]
  mov dr2, rax
  SET_DR 7, 0x400 | ENABLE(2) | KIND(2, W1)
  BASE
  call .called
.called:
  nop
  add rsp, 8
  END
  EXIT
