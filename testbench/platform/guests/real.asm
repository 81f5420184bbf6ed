; Real mode: MOV DR, INT1, single step, MOV SS, exceptions.
%include "real.inc"

bits 16
main:
  CASE 'gd'
  SET_DR 0, 0x1234
  SET_DR 7, 0x2400
  BASE
  mov eax, dr0
  SHOW eax
  END
  CASE 'de-dr4'
  BASE
  mov eax, dr4
  END
  mov eax, cr4
  and eax, ~8
  mov cr4, eax
  CASE 'alias-dr4'
  BASE
  mov eax, dr4
  SHOW eax
  END
  CASE 'lock'
  BASE
  db 0xF0, 0x0F, 0x21, 0xC0
  END
  CASE 'int1'
  BASE
  int1
  nop
  END
  CASE 'int3'
  BASE
  int3
  nop
  END
  CASE 'int-n'
  BASE
  int 0x21
  nop
  END
  CASE 'wrmsr'           ; allowed; the value is not canonical
  mov ecx, 0xC0000082
  xor eax, eax
  mov edx, 0x8000
  BASE
  wrmsr
  END
  CASE 'rdmsr'
  mov ecx, 0x277
  BASE
  rdmsr
  SHOW eax
  END
  STEP 'step', 2
  nop
  nop
  END
  STEP 'step-int', 2
  int 0x21
  nop
  END
  STEP 'step-mov-ss', 1
  mov ss, [case_ss]
  nop
  END
  CASE 'step-gd', DB_STEPS(2)
  SET_DR 7, 0x2400
  push word 0x102
  BASE
  popf
  mov eax, dr0
  nop
  END
  mov word [DATA], 0
  CASE 'mov-ss-int3'
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  BASE
  mov ss, [DATA]
  int3
  nop
  END
  CASE 'mov-ss-int1'
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  BASE
  mov ss, [DATA]
  int1
  nop
  END
  CASE 'watch'           ; linear: 16 times the segment
  mov ax, 0x1F00
  mov es, ax
  ARM 1, 0x1F105, RW_WRITE | LENGTH_1
  BASE
  mov [0xF105], al
  mov [es:0x105], al
  nop
  END
  CASE 'watch-behind-1-mib'
  mov ax, 0xFFFF
  mov es, ax
  ARM 1, 0x100010, RW_WRITE | LENGTH_1
  BASE
  mov [es:0x20], al
  nop
  END
  CASE 'rep', DB_COUNT   ; down: one by one on every CPU
  ARM 2, DATA + 3, RW_WRITE | LENGTH_1
  mov cx, 8
  mov di, DATA + 7
  xor ax, ax
  mov es, ax
  std
  BASE
  rep stosb
  cld
  END
  CASE 'limit'
  mov eax, 0x10000
  BASE
  mov [eax], al
  END
  CASE 'limit-across'
  mov bx, 0xFFFD
  BASE
  mov [bx], eax
  END
  CASE 'div'
  xor cx, cx
  BASE
  div cx
  END
  CASE 'lldt'
  BASE
  lldt ax
  END
  CASE 'rf-by-iret'      ; 16-bit IRET takes no RF
  ARM 3, .target, RW_EXECUTE | LENGTH_1
  mov dword [case_db], DB_SET_RF
  push word 2
  push word 0
  push word .target
  BASE
  iret
.target:
  nop
  END
  CASE 'rf-by-iretd'
  ARM 3, .target_2, RW_EXECUTE | LENGTH_1
  push dword 0x10002
  push dword 0
  push dword .target_2
  BASE
  iretd
.target_2:
  nop
  END
  EXIT
