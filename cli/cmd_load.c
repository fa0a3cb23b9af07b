#include "command.h"
hop_status hop_cmd_load(const hop_options *o, int *exit_code, hop_error **err)
{ (void)o; (void)exit_code; return hop_error_set(err, HOP_E_USAGE, "not yet"); }
