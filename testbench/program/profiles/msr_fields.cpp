#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/program/profiles/msr_fields.h>

#include <iterator>

namespace icebp {
namespace {

constexpr auto intel = MsrVendor::intel;
constexpr auto amd = MsrVendor::amd;
constexpr auto both = MsrVendor::both;

constexpr MsrField of_1b[] = {{8, 8, "BSP"}, {10, 10, "EXTD"}, {11, 11, "EN"}, {51, 12, "BASE"}};
constexpr MsrField of_1c[] = {{0, 0, "ENABLE"}, {63, 12, "BITMAP"}};
constexpr MsrField of_33[] = {{29, 29, "SPLIT_LOCK_AC"}};
constexpr MsrField of_3a[] = {
    {0, 0, "LOCK"},          {1, 1, "VMX_IN_SMX"},      {2, 2, "VMX_OUTSIDE_SMX"},
    {14, 8, "SENTER_LOCAL"}, {15, 15, "SENTER_GLOBAL"}, {17, 17, "SGX_LAUNCH_CONTROL"},
    {18, 18, "SGX"},         {20, 20, "LMCE"}};
constexpr MsrField of_48[] = {{0, 0, "IBRS"}, {1, 1, "STIBP"}, {2, 2, "SSBD"}, {7, 7, "PSFD"}};
constexpr MsrField of_48_intel[] = {
    {0, 0, "IBRS"},        {1, 1, "STIBP"},       {2, 2, "SSBD"},        {3, 3, "IPRED_DIS_U"},
    {4, 4, "IPRED_DIS_S"}, {5, 5, "RRSBA_DIS_U"}, {6, 6, "RRSBA_DIS_S"}, {7, 7, "PSFD"},
    {8, 8, "DDPD_U"},      {10, 10, "BHI_DIS_S"}};
constexpr MsrField of_49[] = {{0, 0, "IBPB"}, {7, 7, "SBPB"}};
constexpr MsrField of_49_intel[] = {{0, 0, "IBPB"}};
constexpr MsrField of_8b[] = {{63, 32, "REVISION"}};
constexpr MsrField of_9b[] = {
    {0, 0, "VALID"}, {2, 2, "VMXOFF_UNBLOCKS_SMI"}, {31, 12, "MSEG_BASE"}};
constexpr MsrField of_bd[] = {{0, 0, "LEGACY_XAPIC_DISABLED"}};
constexpr MsrField of_cf[] = {{5, 5, "SPLIT_LOCK_AC"}};
constexpr MsrField of_e1[] = {{0, 0, "C02_DISABLE"}, {31, 2, "MAX_TIME"}};
constexpr MsrField of_fe[] = {{7, 0, "VCNT"}, {8, 8, "FIX"}, {10, 10, "WC"}, {11, 11, "SMRR"}};
constexpr MsrField of_10a[] = {{0, 0, "RDCL_NO"},
                               {1, 1, "IBRS_ALL"},
                               {2, 2, "RSBA"},
                               {3, 3, "SKIP_L1DFL_VMENTRY"},
                               {4, 4, "SSB_NO"},
                               {5, 5, "MDS_NO"},
                               {6, 6, "IF_PSCHANGE_MC_NO"},
                               {7, 7, "TSX_CTRL"},
                               {8, 8, "TAA_NO"},
                               {9, 9, "MCU_CONTROL"},
                               {10, 10, "MISC_PACKAGE_CTRLS"},
                               {11, 11, "ENERGY_FILTERING_CTL"},
                               {12, 12, "DOITM"},
                               {13, 13, "SBDR_SSDP_NO"},
                               {14, 14, "FBSDP_NO"},
                               {15, 15, "PSDP_NO"},
                               {17, 17, "FB_CLEAR"},
                               {18, 18, "FB_CLEAR_CTRL"},
                               {19, 19, "RRSBA"},
                               {20, 20, "BHI_NO"},
                               {21, 21, "XAPIC_DISABLE_STATUS"},
                               {23, 23, "OVERCLOCKING_STATUS"},
                               {24, 24, "PBRSB_NO"},
                               {25, 25, "GDS_CTRL"},
                               {26, 26, "GDS_NO"},
                               {27, 27, "RFDS_NO"},
                               {28, 28, "RFDS_CLEAR"}};
constexpr MsrField of_10b[] = {{0, 0, "L1D_FLUSH"}};
constexpr MsrField of_122[] = {{0, 0, "RTM_DISABLE"}, {1, 1, "TSX_CPUID_CLEAR"}};
constexpr MsrField of_123[] = {
    {0, 0, "RNGDS_MITG_DIS"}, {1, 1, "RTM_ALLOW"}, {3, 3, "FB_CLEAR_DIS"}};
constexpr MsrField of_179[] = {
    {7, 0, "COUNT"},        {8, 8, "MCG_CTL_P"},    {9, 9, "MCG_EXT_P"},
    {10, 10, "MCG_CMCI_P"}, {11, 11, "MCG_TES_P"},  {23, 16, "MCG_EXT_CNT"},
    {24, 24, "MCG_SER_P"},  {26, 26, "MCG_ELOG_P"}, {27, 27, "MCG_LMCE_P"}};
constexpr MsrField of_17a[] = {{0, 0, "RIPV"}, {1, 1, "EIPV"}, {2, 2, "MCIP"}};
constexpr MsrField of_17a_intel[] = {
    {0, 0, "RIPV"}, {1, 1, "EIPV"}, {2, 2, "MCIP"}, {3, 3, "LMCE_S"}};
constexpr MsrField of_186[] = {{7, 0, "EVENT"},     {15, 8, "UMASK"},
                               {16, 16, "USR"},     {17, 17, "OS"},
                               {18, 18, "E"},       {19, 19, "PC"},
                               {20, 20, "INT"},     {21, 21, "ANY"},
                               {22, 22, "EN"},      {23, 23, "INV"},
                               {31, 24, "CMASK"},   {32, 32, "IN_TX"},
                               {33, 33, "IN_TXCP"}, {34, 34, "ADAPTIVE_RECORD"}};
constexpr MsrField of_19a[] = {{3, 0, "DUTY_CYCLE"}, {4, 4, "ENABLE"}};
constexpr MsrField of_1a0[] = {{0, 0, "FAST_STRINGS"},       {3, 3, "AUTO_TCC"},
                               {7, 7, "PERFMON_AVAILABLE"},  {11, 11, "BTS_UNAVAILABLE"},
                               {12, 12, "PEBS_UNAVAILABLE"}, {16, 16, "EIST"},
                               {18, 18, "MONITOR"},          {22, 22, "LIMIT_CPUID_MAXVAL"},
                               {23, 23, "XTPR_DISABLE"},     {34, 34, "XD_DISABLE"},
                               {38, 38, "TURBO_DISABLE"}};
constexpr MsrField of_1c4[] = {{18, 18, "XTILE_DATA"}};
constexpr MsrField of_1c8[] = {
    {0, 0, "CPL_EQ_0"},      {1, 1, "CPL_NEQ_0"},   {2, 2, "JCC"},          {3, 3, "NEAR_REL_CALL"},
    {4, 4, "NEAR_IND_CALL"}, {5, 5, "NEAR_RET"},    {6, 6, "NEAR_IND_JMP"}, {7, 7, "NEAR_REL_JMP"},
    {8, 8, "FAR_BRANCH"},    {9, 9, "EN_CALLSTACK"}};
constexpr MsrField of_1d9[] = {{0, 0, "LBR"},
                               {1, 1, "BTF"},
                               {2, 2, "BLCKDB"},
                               {3, 3, "PB1"},
                               {4, 4, "PB2"},
                               {5, 5, "PB3"},
                               {11, 11, "FREEZE_LBRS_ON_PMI"}};
constexpr MsrField of_1d9_intel[] = {{0, 0, "LBR"},
                                     {1, 1, "BTF"},
                                     {2, 2, "BUS_LOCK_DETECT"},
                                     {6, 6, "TR"},
                                     {7, 7, "BTS"},
                                     {8, 8, "BTINT"},
                                     {9, 9, "BTS_OFF_OS"},
                                     {10, 10, "BTS_OFF_USR"},
                                     {11, 11, "FREEZE_LBRS_ON_PMI"},
                                     {12, 12, "FREEZE_PERFMON_ON_PMI"},
                                     {13, 13, "ENABLE_UNCORE_PMI"},
                                     {14, 14, "FREEZE_WHILE_SMM"},
                                     {15, 15, "RTM_DEBUG"}};
constexpr MsrField of_1f2[] = {{7, 0, "TYPE"}, {31, 12, "BASE"}};
constexpr MsrField of_1f3[] = {{11, 11, "VALID"}, {31, 12, "MASK"}};
constexpr MsrField of_200[] = {{7, 0, "TYPE"}, {51, 12, "BASE"}};
constexpr MsrField of_201[] = {{11, 11, "VALID"}, {51, 12, "MASK"}};
constexpr MsrField of_277[] = {{2, 0, "PA0"},   {10, 8, "PA1"},  {18, 16, "PA2"}, {26, 24, "PA3"},
                               {34, 32, "PA4"}, {42, 40, "PA5"}, {50, 48, "PA6"}, {58, 56, "PA7"}};
constexpr MsrField of_280[] = {{14, 0, "THRESHOLD"}, {30, 30, "CMCI_EN"}};
constexpr MsrField of_2ff[] = {{7, 0, "TYPE"}, {10, 10, "FE"}, {11, 11, "E"}};
constexpr MsrField of_345[] = {
    {5, 0, "LBR_FMT"},        {6, 6, "PEBS_TRAP"},          {7, 7, "PEBS_ARCH_REG"},
    {11, 8, "PEBS_REC_FMT"},  {12, 12, "FREEZE_WHILE_SMM"}, {13, 13, "FULL_WIDTH_WRITE"},
    {14, 14, "PEBS_BASELINE"}};
constexpr MsrField of_38d[] = {{1, 0, "EN0"},
                               {2, 2, "ANY0"},
                               {3, 3, "PMI0"},
                               {5, 4, "EN1"},
                               {6, 6, "ANY1"},
                               {7, 7, "PMI1"},
                               {9, 8, "EN2"},
                               {10, 10, "ANY2"},
                               {11, 11, "PMI2"},
                               {13, 12, "EN3"},
                               {14, 14, "ANY3"},
                               {15, 15, "PMI3"},
                               {32, 32, "ADAPTIVE_RECORD0"},
                               {36, 36, "ADAPTIVE_RECORD1"},
                               {40, 40, "ADAPTIVE_RECORD2"},
                               {44, 44, "ADAPTIVE_RECORD3"}};
constexpr MsrField of_38e[] = {
    {7, 0, "OVF_PMC"},      {35, 32, "OVF_FIXED_CTR"}, {55, 55, "TRACE_TOPA_PMI"},
    {58, 58, "LBR_FRZ"},    {59, 59, "CTR_FRZ"},       {60, 60, "ASCI"},
    {61, 61, "OVF_UNCORE"}, {62, 62, "OVF_BUF"},       {63, 63, "COND_CHGD"}};
constexpr MsrField of_38f[] = {{7, 0, "EN_PMC"}, {35, 32, "EN_FIXED_CTR"}};
constexpr MsrField of_390[] = {
    {7, 0, "CLR_OVF_PMC"},      {35, 32, "CLR_OVF_FIXED_CTR"}, {55, 55, "CLR_TRACE_TOPA_PMI"},
    {58, 58, "CLR_LBR_FRZ"},    {59, 59, "CLR_CTR_FRZ"},       {60, 60, "CLR_ASCI"},
    {61, 61, "CLR_OVF_UNCORE"}, {62, 62, "CLR_OVF_BUF"},       {63, 63, "CLR_COND_CHGD"}};
constexpr MsrField of_3f1[] = {{7, 0, "PEBS_EN_PMC"}};
constexpr MsrField of_401[] = {{15, 0, "MCACOD"}, {31, 16, "MSCOD"}, {57, 57, "PCC"},
                               {58, 58, "ADDRV"}, {59, 59, "MISCV"}, {60, 60, "EN"},
                               {61, 61, "UC"},    {62, 62, "OVER"},  {63, 63, "VAL"}};
constexpr MsrField of_4d0[] = {{0, 0, "LMCE_EN"}};
constexpr MsrField of_570[] = {
    {0, 0, "TRACE_EN"},   {1, 1, "CYC_EN"},      {2, 2, "OS"},          {3, 3, "USER"},
    {4, 4, "PWR_EVT_EN"}, {5, 5, "FUP_ON_PTW"},  {6, 6, "FABRIC_EN"},   {7, 7, "CR3_FILTER"},
    {8, 8, "TOPA"},       {9, 9, "MTC_EN"},      {10, 10, "TSC_EN"},    {11, 11, "DIS_RETC"},
    {12, 12, "PTW_EN"},   {13, 13, "BRANCH_EN"}, {17, 14, "MTC_FREQ"},  {22, 19, "CYC_THRESH"},
    {27, 24, "PSB_FREQ"}, {35, 32, "ADDR0_CFG"}, {39, 36, "ADDR1_CFG"}, {43, 40, "ADDR2_CFG"},
    {47, 44, "ADDR3_CFG"}};
constexpr MsrField of_6a0[] = {
    {0, 0, "SH_STK_EN"},  {1, 1, "WR_SHSTK_EN"}, {2, 2, "ENDBR_EN"},
    {3, 3, "LEG_IW_EN"},  {4, 4, "NO_TRACK_EN"}, {5, 5, "SUPPRESS_DIS"},
    {10, 10, "SUPPRESS"}, {11, 11, "TRACKER"},   {63, 12, "EB_LEG_BITMAP_BASE"}};
constexpr MsrField of_80f[] = {
    {7, 0, "VECTOR"}, {8, 8, "ENABLE"}, {12, 12, "EOI_BROADCAST_SUPPRESSION"}};
constexpr MsrField of_82f[] = {
    {7, 0, "VECTOR"}, {10, 8, "DELIVERY_MODE"}, {12, 12, "DELIVERY_STATUS"}, {16, 16, "MASK"}};
constexpr MsrField of_830[] = {
    {7, 0, "VECTOR"},       {10, 8, "DELIVERY_MODE"}, {11, 11, "DESTINATION_MODE"},
    {14, 14, "LEVEL"},      {15, 15, "TRIGGER_MODE"}, {19, 18, "SHORTHAND"},
    {63, 32, "DESTINATION"}};
constexpr MsrField of_832[] = {
    {7, 0, "VECTOR"}, {12, 12, "DELIVERY_STATUS"}, {16, 16, "MASK"}, {18, 17, "TIMER_MODE"}};
constexpr MsrField of_835[] = {
    {7, 0, "VECTOR"},     {10, 8, "DELIVERY_MODE"}, {12, 12, "DELIVERY_STATUS"},
    {13, 13, "POLARITY"}, {14, 14, "REMOTE_IRR"},   {15, 15, "TRIGGER_MODE"},
    {16, 16, "MASK"}};
constexpr MsrField of_837[] = {{7, 0, "VECTOR"}, {12, 12, "DELIVERY_STATUS"}, {16, 16, "MASK"}};
constexpr MsrField of_c80[] = {{0, 0, "ENABLE"}, {30, 30, "LOCK"}, {31, 31, "DEBUG_OCCURRED"}};
constexpr MsrField of_d90[] = {{0, 0, "EN"}, {1, 1, "BNDPRESERVE"}, {63, 12, "BASE"}};
constexpr MsrField of_d93[] = {{19, 0, "PASID"}, {31, 31, "VALID"}};
constexpr MsrField of_da0[] = {{11, 11, "CET_U"}, {12, 12, "CET_S"}};
constexpr MsrField of_da0_intel[] = {{8, 8, "PT"},      {10, 10, "PASID"}, {11, 11, "CET_U"},
                                     {12, 12, "CET_S"}, {13, 13, "HDC"},   {14, 14, "UINTR"},
                                     {15, 15, "LBR"},   {16, 16, "HWP"}};
constexpr MsrField of_dc0[] = {
    {15, 0, "CYC_CNT"}, {61, 61, "TSX_ABORT"}, {62, 62, "IN_TSX"}, {63, 63, "MISPRED"}};
constexpr MsrField of_1200[] = {{15, 0, "CYC_CNT"},        {59, 56, "BR_TYPE"},
                                {60, 60, "CYC_CNT_VALID"}, {61, 61, "TSX_ABORT"},
                                {62, 62, "IN_TSX"},        {63, 63, "MISPRED"}};
constexpr MsrField of_14ce[] = {{0, 0, "LBREN"},
                                {1, 1, "OS"},
                                {2, 2, "USR"},
                                {3, 3, "CALL_STACK"},
                                {16, 16, "JCC"},
                                {17, 17, "NEAR_REL_JMP"},
                                {18, 18, "NEAR_IND_JMP"},
                                {19, 19, "NEAR_REL_CALL"},
                                {20, 20, "NEAR_IND_CALL"},
                                {21, 21, "NEAR_RET"},
                                {22, 22, "OTHER_BRANCH"}};
constexpr MsrField of_1b01[] = {{0, 0, "DOITM"}};
constexpr MsrField of_14cf[] = {{7, 0, "DEPTH"}};
constexpr MsrField of_c0000080[] = {{0, 0, "SCE"},     {8, 8, "LME"},    {10, 10, "LMA"},
                                    {11, 11, "NXE"},   {12, 12, "SVME"}, {13, 13, "LMSLE"},
                                    {14, 14, "FFXSR"}, {15, 15, "TCE"},  {17, 17, "MCOMMIT"},
                                    {18, 18, "INTWB"}, {20, 20, "UAIE"}, {21, 21, "AIBRSE"}};
constexpr MsrField of_c0000080_intel[] = {
    {0, 0, "SCE"}, {8, 8, "LME"}, {10, 10, "LMA"}, {11, 11, "NXE"}};
constexpr MsrField of_c0000081[] = {
    {31, 0, "SYSCALL_EIP"}, {47, 32, "SYSCALL_CS_SS"}, {63, 48, "SYSRET_CS_SS"}};
constexpr MsrField of_c0000104[] = {{31, 0, "FRACTION"}, {39, 32, "INTEGER"}};
constexpr MsrField of_c000010e[] = {
    {0, 0, "CPL_EQ_0"},      {1, 1, "CPL_NEQ_0"},     {2, 2, "JCC"},
    {3, 3, "NEAR_REL_CALL"}, {4, 4, "NEAR_IND_CALL"}, {5, 5, "NEAR_RET"},
    {6, 6, "NEAR_IND_JMP"},  {7, 7, "NEAR_REL_JMP"},  {8, 8, "FAR_BRANCH"}};
constexpr MsrField of_c000010f[] = {{6, 6, "LBRV2EN"}};
constexpr MsrField of_c0000300[] = {{5, 0, "OVF_PMC"}, {58, 58, "LBRS_FRZ"}, {59, 59, "PMC_FRZ"}};
constexpr MsrField of_c0000301[] = {{5, 0, "EN_PMC"}};
constexpr MsrField of_c0010000[] = {
    {7, 0, "EVENT"},   {15, 8, "UMASK"},       {16, 16, "USR"},        {17, 17, "OS"},
    {18, 18, "E"},     {20, 20, "INT"},        {22, 22, "EN"},         {23, 23, "INV"},
    {31, 24, "CMASK"}, {35, 32, "EVENT_11_8"}, {40, 40, "GUEST_ONLY"}, {41, 41, "HOST_ONLY"}};
constexpr MsrField of_c0010010[] = {{18, 18, "MTRR_FIX_DRAM_EN"},
                                    {19, 19, "MTRR_FIX_DRAM_MOD_EN"},
                                    {20, 20, "MTRR_VAR_DRAM_EN"},
                                    {21, 21, "MTRR_TOM2_EN"},
                                    {22, 22, "TOM2_FORCE_MEM_TYPE_WB"}};
constexpr MsrField of_c0010015[] = {{0, 0, "SMM_LOCK"},        {15, 15, "SSE_DIS"},
                                    {17, 17, "WRAP32_DIS"},    {18, 18, "MC_STATUS_WR_EN"},
                                    {25, 25, "CPB_DIS"},       {30, 30, "IR_PERF_EN"},
                                    {35, 35, "CPUID_USER_DIS"}};
constexpr MsrField of_c0010114[] = {
    {0, 0, "DPD"}, {1, 1, "R_INIT"}, {2, 2, "DIS_A20M"}, {3, 3, "LOCK"}, {4, 4, "SVMDIS"}};
constexpr MsrField of_c0010131[] = {{0, 0, "SEV"}, {1, 1, "SEV_ES"}, {2, 2, "SNP"}};

constexpr MsrField of_392[] = {{7, 0, "PERFEVTSEL"}, {35, 32, "FIXED_CTR"}, {63, 63, "PMI"}};
constexpr MsrField of_c0010300[] = {{57, 0, "IP"}, {63, 63, "MISPREDICT"}};
constexpr MsrField of_c0010301[] = {{57, 0, "IP"}, {62, 62, "SPEC"}, {63, 63, "VALID"}};

template <std::size_t count>
constexpr Table<MsrField> table_of(const MsrField (&fields)[count]) {
  return {fields, count};
}

constexpr MsrFields registers[] = {
    // clang-format off
    {0x0000001B, both,  "SDM vol. 3 10.12.5", table_of(of_1b)},
    {0x0000001C, intel, "BX msr.cc", table_of(of_1c)},
    {0x00000033, intel, "LX", table_of(of_33)},
    {0x0000003A, intel, "SDM vol. 4 table 2-2", table_of(of_3a)},
    {0x00000048, amd,   "LX", table_of(of_48)},
    {0x00000048, intel, "LX", table_of(of_48_intel)},
    {0x00000049, amd,   "LX", table_of(of_49)},
    {0x00000049, intel, "LX", table_of(of_49_intel)},
    {0x0000008B, intel, "SDM vol. 4 table 2-2", table_of(of_8b)},
    {0x0000009B, intel, "SDM vol. 4 table 2-2", table_of(of_9b)},
    {0x000000BD, intel, "LX", table_of(of_bd)},
    {0x000000CF, intel, "LX", table_of(of_cf)},
    {0x000000E1, intel, "SDM vol. 4 table 2-2", table_of(of_e1)},
    {0x000000FE, both,  "SDM vol. 4 table 2-2", table_of(of_fe)},
    {0x0000010A, intel, "LX", table_of(of_10a)},
    {0x0000010B, both,  "LX", table_of(of_10b)},
    {0x00000122, intel, "LX", table_of(of_122)},
    {0x00000123, intel, "LX", table_of(of_123)},
    {0x00000179, both,  "SDM vol. 3 15.3.1.1", table_of(of_179)},
    {0x0000017A, amd,   "APM vol. 2", table_of(of_17a)},
    {0x0000017A, intel, "SDM vol. 3 15.3.1.2", table_of(of_17a_intel)},
    {0x00000186, intel, "SDM vol. 3 18.2, 18.3.6.5", table_of(of_186)},
    {0x0000019A, intel, "SDM vol. 4 table 2-2", table_of(of_19a)},
    {0x000001A0, intel, "SDM vol. 4 table 2-2", table_of(of_1a0)},
    {0x000001C4, intel, "LX", table_of(of_1c4)},
    {0x000001C5, intel, "LX", table_of(of_1c4)},
    {0x000001C8, intel, "SDM vol. 3 17.7.2", table_of(of_1c8)},
    {0x000001D9, amd,   "APM vol. 2 13.1.1", table_of(of_1d9)},
    {0x000001D9, intel, "SDM vol. 3 17.4.1", table_of(of_1d9_intel)},
    {0x000001F2, intel, "SDM vol. 4 table 2-2", table_of(of_1f2)},
    {0x000001F3, intel, "SDM vol. 4 table 2-2", table_of(of_1f3)},
    {0x00000200, both,  "SDM vol. 3 11.11.2.3", table_of(of_200)},
    {0x00000201, both,  "SDM vol. 3 11.11.2.3", table_of(of_201)},
    {0x00000277, both,  "SDM vol. 3 11.12.2", table_of(of_277)},
    {0x00000280, intel, "SDM vol. 3 15.3.2.5", table_of(of_280)},
    {0x000002FF, both,  "SDM vol. 3 11.11.2.1", table_of(of_2ff)},
    {0x00000345, intel, "SDM vol. 3 17.4.8, 18.6", table_of(of_345)},
    {0x0000038D, intel, "SDM vol. 3 18.2", table_of(of_38d)},
    {0x0000038E, intel, "SDM vol. 3 18.2", table_of(of_38e)},
    {0x0000038F, intel, "SDM vol. 3 18.2", table_of(of_38f)},
    {0x00000390, intel, "SDM vol. 3 18.2", table_of(of_390)},
    {0x00000391, intel, "SDM vol. 4 table 2-2", table_of(of_38e)},
    {0x00000392, intel, "SDM vol. 4 table 2-2", table_of(of_392)},
    {0x000003F1, intel, "SDM vol. 3 18.2", table_of(of_3f1)},
    {0x00000401, both,  "SDM vol. 3 15.3.2.2", table_of(of_401)},
    {0x000004D0, intel, "SDM vol. 3 15.3.1", table_of(of_4d0)},
    {0x00000570, intel, "SDM vol. 4 table 2-2", table_of(of_570)},
    {0x000006A0, both,  "BX cet.cc", table_of(of_6a0)},
    {0x000006A2, both,  "BX cet.cc", table_of(of_6a0)},
    {0x0000080F, both,  "SDM vol. 3 10.9", table_of(of_80f)},
    {0x0000082F, both,  "SDM vol. 3 10.5.1", table_of(of_82f)},
    {0x00000830, both,  "SDM vol. 3 10.12.9", table_of(of_830)},
    {0x00000832, both,  "SDM vol. 3 10.5.1", table_of(of_832)},
    {0x00000833, both,  "SDM vol. 3 10.5.1", table_of(of_82f)},
    {0x00000834, both,  "SDM vol. 3 10.5.1", table_of(of_82f)},
    {0x00000835, both,  "SDM vol. 3 10.5.1", table_of(of_835)},
    {0x00000836, both,  "SDM vol. 3 10.5.1", table_of(of_835)},
    {0x00000837, both,  "SDM vol. 3 10.5.1", table_of(of_837)},
    {0x00000C80, intel, "SDM vol. 4 table 2-2", table_of(of_c80)},
    {0x00000D90, intel, "SDM vol. 1", table_of(of_d90)},
    {0x00000D93, intel, "LX", table_of(of_d93)},
    {0x00000DA0, amd,   "APM vol. 2", table_of(of_da0)},
    {0x00000DA0, intel, "SDM vol. 1", table_of(of_da0_intel)},
    {0x00000DC0, intel, "SDM vol. 3 17.4.8", table_of(of_dc0)},
    {0x00001200, intel, "LX", table_of(of_1200)},
    {0x000014CE, intel, "LX", table_of(of_14ce)},
    {0x000014CF, intel, "LX", table_of(of_14cf)},
    {0x00001B01, intel, "LX", table_of(of_1b01)},
    {0xC0000080, amd,   "APM vol. 2", table_of(of_c0000080)},
    {0xC0000080, intel, "SDM vol. 4 table 2-2", table_of(of_c0000080_intel)},
    {0xC0000081, both,  "APM vol. 2", table_of(of_c0000081)},
    {0xC0000104, amd,   "APM vol. 2", table_of(of_c0000104)},
    {0xC000010E, amd,   "LX", table_of(of_c000010e)},
    {0xC000010F, amd,   "LX", table_of(of_c000010f)},
    {0xC0000300, amd,   "LX", table_of(of_c0000300)},
    {0xC0000301, amd,   "LX", table_of(of_c0000301)},
    {0xC0010000, amd,   "APM vol. 2 13.2.1", table_of(of_c0010000)},
    {0xC0010010, amd,   "PPR", table_of(of_c0010010)},
    {0xC0010015, amd,   "PPR", table_of(of_c0010015)},
    {0xC0010114, amd,   "APM vol. 2 15.30.1", table_of(of_c0010114)},
    {0xC0010131, amd,   "APM vol. 2 15.34.10", table_of(of_c0010131)},
    {0xC0010200, amd,   "APM vol. 2 13.2.1", table_of(of_c0010000)},
    {0xC0010300, amd,   "LX", table_of(of_c0010300)},
    {0xC0010301, amd,   "LX", table_of(of_c0010301)},
    // clang-format on
};

} // namespace

const Table<MsrFields> msr_fields{registers, std::size(registers)};

const MsrFields* msr_fields_of(Vendor vendor, std::uint32_t index) {
  const MsrRow* row = find_msr_row(vendor, index);
  for (const MsrFields& fields : msr_fields)
    if (row && row->index == fields.index && applies(fields.vendor, vendor))
      return &fields;
  return nullptr;
}

const MsrField* field_at(const MsrFields* of, unsigned bit) {
  if (of != nullptr)
    for (const MsrField& field : of->fields)
      if (field.low <= bit && bit <= field.high)
        return &field;
  return nullptr;
}

} // namespace icebp
