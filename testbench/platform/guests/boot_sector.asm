; A boot sector: real mode at 7C00h, what the loader left, one watch, general detect and INT1.
bits 16
org 0x7C00
start:
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, 0x7C00
  mov word [4], debug
  mov word [6], 0
  mov eax, watched
  mov dr1, eax
  mov eax, 0x00D00408    ; 4 bytes, write
  mov dr7, eax
  mov byte [watched + 3], 1
after_watch:
  mov eax, 0x2400
  mov dr7, eax
detected:
  mov eax, dr0
  int1
after_int1:
  mov al, 'e'
  mov dx, 0x3F8
  out dx, al
  mov al, 10
  out dx, al
  xor ax, ax
  out 0xF4, al

; "w", "g" or "i" by the address and DR6, "?" for any other.
debug:
  push bp
  mov bp, sp
  push eax
  push dx
  mov eax, dr6
  mov dl, 'w'
  cmp word [bp + 2], after_watch
  jne .detect
  cmp eax, 0xFFFF0FF2
  je .known
.detect:
  mov dl, 'g'
  cmp word [bp + 2], detected
  jne .int1
  cmp eax, 0xFFFF2FF0
  je .known
.int1:
  mov dl, 'i'
  cmp word [bp + 2], after_int1
  jne .unknown
  cmp eax, 0xFFFF0FF0
  je .known
.unknown:
  mov dl, '?'
.known:
  mov eax, 0xFFFF0FF0
  mov dr6, eax
  mov al, dl
  mov dx, 0x3F8
  out dx, al
  pop dx
  pop eax
  pop bp
  iret

align 4
watched:
  dd 0
  times 510 - ($ - $$) db 0
  dw 0xAA55
