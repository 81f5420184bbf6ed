; Two cores: INIT and SIPI, debug registers of their own, an interprocessor interrupt that ends HLT.
bits 32
org 0x100000
header:
  dd 0x1BADB002, 0x10000, -(0x1BADB002 + 0x10000)
  dd header, header, 0, 0, start

apic equ 0xFEE00000
ap_page equ 0x8000

%macro print 1
  mov al, %1
  mov dx, 0x3F8
  out dx, al
  mov al, 10
  out dx, al
%endmacro

start:
  mov esp, stack_top
  lgdt [gdtr]
  lidt [idtr]
  mov esi, ap_start
  mov edi, ap_page
  mov ecx, ap_end - ap_start
  rep movsb
  mov dword [apic + 0xF0], 0x1FF
  mov eax, watched
  mov dr0, eax
  mov eax, 0x00010402 ; 1 byte, write
  mov dr7, eax
  mov dword [apic + 0x300], 0xC4500 ; INIT to all but itself
  mov dword [apic + 0x300], 0xC4608 ; SIPI
  sti
.wait:
  hlt
  cmp byte [interrupted], 1
  jne .wait
  mov byte [watched], 2
after_watch:
  print 'e'
  xor eax, eax
  out 0xF4, eax

debug:
  cmp dword [esp], after_watch
  mov bl, '?'
  jne .told
  mov bl, 'b'
.told:
  print bl
  iret

interrupt:
  mov byte [interrupted], 1
  print 'i'
  mov dword [apic + 0xB0], 0
  iret

; The other core, from 8000h on: DR7 is that of INIT, and what it writes is watched by the first alone.
bits 16
ap_start:
  mov eax, dr7
  cmp eax, 0x400
  mov bl, '?'
  jne .told
  mov bl, 'a'
.told:
  print bl
  lgdt [cs:ap_gdtr - ap_start]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:ap_page + ap_protected - ap_start
ap_gdtr:
  dw gdt_end - gdt - 1
  dd gdt
bits 32
ap_protected:
  mov ax, 16
  mov ds, ax
  mov byte [watched], 1
  mov dword [apic + 0xF0], 0x1FF
  mov dword [apic + 0x310], 0     ; to the first
  mov dword [apic + 0x300], 0x4040 ; vector 40h
  cli
  hlt
ap_end:

align 8
gdt:
  dq 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdt_end:
gdtr:
  dw gdt_end - gdt - 1
  dd gdt

%macro gate 1
  dw (%1 - header + 0x100000) & 0xFFFF, 8, 0x8E00, (%1 - header + 0x100000) >> 16
%endmacro
idt:
  dq 0
  gate debug
  times 62 dq 0
  gate interrupt
idtr:
  dw $ - idt - 1
  dd idt
watched db 0
interrupted db 0
  times 4096 db 0
stack_top:
