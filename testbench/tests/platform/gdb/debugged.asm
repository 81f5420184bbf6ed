; A guest for debuggers: multiboot 1, to 64-bit mode, then what the scripts of this folder stop at.
; It uses DR0 itself and keeps what it sees of the debug registers. Exit status 33.

LSTAR equ 0xC0000082
EFER equ 0xC0000080
DEBUGCTL equ 0x1D9

section .text
bits 32
  align 4
  dd 0x1BADB002, 0, -0x1BADB002

global start
start:
  mov esp, stack_end
  mov eax, 1
  inc eax
  mov [counter_32], eax
in_32_bits:
  mov dword [pml4], pdpt + 3
  mov dword [pdpt], directory + 3
  mov dword [directory], 0x83    ; 2 MiB at 0
  mov eax, pml4
  mov cr3, eax
  mov eax, 0x20                  ; PAE
  mov cr4, eax
  mov ecx, EFER
  rdmsr
  or eax, 0x101                  ; LME, SCE
  wrmsr
  mov eax, 0x80000001            ; PG, PE
  mov cr0, eax
  lgdt [gdtr]
  jmp 8:in_64_bits

bits 64
in_64_bits:
  xor eax, eax
  mov ss, eax
  mov eax, db_handler
  mov [idt + 16], ax
  shr eax, 16
  mov [idt + 22], ax
  mov word [idt + 18], 8
  mov word [idt + 20], 0x8E00
  lidt [idtr]
global main
main:
  mov ecx, LSTAR
  mov eax, 0x12345678
  mov edx, 0xFFFF8000
  wrmsr
global at_store
at_store:
  mov dword [counter], 5
global behind_store
behind_store:
  mov dword [counter], 7
  mov eax, [counter]
global behind_load
behind_load:
  mov eax, [fs:abs 0]            ; FS base is the debugger's
; its own watchpoint, and what it reads back
global own_debugging
own_debugging:
  mov eax, own
  mov dr0, rax
  mov eax, 0x000D0402            ; G0, write, 4 bytes
  mov dr7, rax
  mov dword [own], 1
global behind_own
behind_own:
  mov rax, dr7
  mov [seen_dr7], rax
  mov rax, dr3
  mov [seen_dr3], rax
  pushfq
  or dword [rsp], 0x100
  popfq
  nop
global behind_step
behind_step:
  pushfq
  and dword [rsp], ~0x100
  popfq
global with_rep
with_rep:
  mov edi, buffer
  mov ecx, 4
  mov eax, 0xABCD
  rep stosw
global behind_rep
behind_rep:
; DEBUGCTL across a MOV DR, and a breakpoint on one, behind which RF gets the guest
  mov ecx, DEBUGCTL
  mov eax, 1                     ; LBR
  xor edx, edx
  wrmsr
  mov rax, dr6
  rdmsr
  mov [seen_debugctl], eax
  mov eax, broken_mov
  mov dr1, rax
  mov eax, 0x408                 ; G1
  mov dr7, rax
broken_mov:
  mov rax, dr7
  int1
global done
done:
  mov al, 0x10
  out 0xF4, al
  hlt

global db_handler
db_handler:
  push rax
  push rcx
  mov rax, dr6
  mov ecx, [events]
  mov [seen_dr6 + 8 * rcx], rax
  inc dword [events]
  and eax, 2                     ; of B1: RF
  shl eax, 15
  or [rsp + 32], eax
  mov eax, 0xFFFF0FF0
  mov dr6, rax
global handler_end
handler_end:
  pop rcx
  pop rax
  iretq

section .data
  align 8
gdt:
  dq 0, 0x00209B0000000000
gdtr:
  dw 15
  dq gdt
idtr:
  dw 31
  dq idt
global counter, own, seen_dr6, seen_dr7, seen_dr3, events, buffer, counter_32, seen_debugctl
counter: dd 1
counter_32: dd 0
own: dd 0
events: dd 0
seen_debugctl: dd 0
seen_dr7: dq 0
seen_dr3: dq 0
seen_dr6: times 16 dq 0
  align 8
buffer: times 8 dw 0
idt: times 2 dq 0, 0

section .bss
  align 4096
pml4: resb 4096
pdpt: resb 4096
directory: resb 4096
  resb 4096
stack_end:
