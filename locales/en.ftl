# Every sentence that MCPProxy shows to people. One message per code; the id is the code.
#
# Attributes: .word stands beside a state's glyph; .short and .plain are used when a field of the sentence before
# them has no value; .hint is the command in the terminal that mends it. Messages that begin with part_ are pieces
# of others. No exclamation marks, no blame: what happened, to what, what to do.

### pieces

part_exit = { $exit_code ->
    [one] exit code { $exit_code }
    [other] exit code { $exit_code }
   *[text] { $exit_code }
}

### server states

state_ready = { $tools ->
    [0] Ready, no tools.
    [one] Ready, 1 tool.
   *[other] Ready, { $tools } tools.
}
    .plain = Ready.
    .word = Ready
state_busy = { $calls ->
    [one] Running 1 call.
   *[other] Running { $calls } calls.
}
    .plain = Running calls.
    .word = Busy
state_asleep = Asleep, wakes on the next call.
    .word = Asleep
state_starting = Starting in its container, { $seconds } s.
    .plain = Starting.
    .word = Starting
state_restarting = Restarting with your changes.
    .word = Restarting
state_handshaking = Started; waiting for its first answer.
    .word = Starting
state_stopping = Stopping.
    .word = Stopping
state_downloading_left = Downloading { $subject }, { $percent } %, { $seconds } s left.
    .plain = Downloading its image.
    .word = Downloading image
state_downloading_percent = Downloading { $subject }, { $percent } %.
    .plain = Downloading its image.
    .word = Downloading image
state_downloading = Downloading { $subject }.
    .plain = Downloading its image.
    .word = Downloading image
state_installing = Installing { $subject }; this step uses the network.
    .plain = Installing its package; this step uses the network.
    .word = Installing package
waiting_for_engine = Waiting for Docker; calls wait up to { $seconds } s, then fail with this reason.
    .plain = Waiting for Docker; it starts by itself when Docker does.
    .word = Waiting for Docker
    .hint = mcpproxy doctor
waiting_for_turn = Waiting for its turn to start.
    .word = Waiting
waiting_for_resume = Starts as soon as MCPProxy is resumed.
    .word = Paused
waiting_for_secret = { $secret } has no value.
    .plain = A secret of it has no value.
    .word = Waiting for a secret
    .hint = mcpproxy secrets set { $secret }
sign_in_needed = The service asks you to sign in.
    .word = Sign-in needed
state_quarantined = Added by { $client }; held until you look.
    .plain = New; held until you look.
    .word = Held, new
state_part_held = Ready; { $tool } changed and is held.
    .plain = Ready; a changed tool is held.
    .word = Tool held
state_part_refused = Ready; refused { $address } once.
    .plain = Ready; an address was refused once.
    .word = Review
state_backoff = Stopped; next try in { $seconds } s.
    .plain = Stopped; it is tried again soon.
    .word = Retrying
    .hint = mcpproxy servers restart { $server }
state_failed = Stopped with an error.
    .word = Stopped with an error
    .hint = mcpproxy servers logs { $server }
server_not_answering = No answer for { $seconds } s, still running.
    .plain = It does not answer, but still runs.
    .word = Not answering
    .hint = mcpproxy servers restart { $server }
server_settings_wrong = Its settings have a mistake at line { $line }, column { $column }.
    .plain = Its settings have a mistake.
    .word = Settings wrong
    .hint = mcpproxy config check
remote_unreachable = { $host } does not answer.
    .plain = Its address does not answer.
    .word = Unreachable
state_unprotected = { $minutes ->
    [one] Runs unprotected for 1 more minute.
   *[other] Runs unprotected for { $minutes } more minutes.
}
    .plain = Runs unprotected on this computer.
    .word = Unprotected
    .hint = mcpproxy isolate { $server } on
state_unprotected_until_quit = Runs unprotected until MCPProxy quits.
    .word = Unprotected
    .hint = mcpproxy isolate { $server } on
state_sandbox = In the system sandbox: files limited, network on.
    .word = System sandbox
state_own_container = Runs in its own container, with its author's settings.
    .word = Own container
state_elsewhere = Runs elsewhere and is reached at its address; isolation does not apply.
    .word = Elsewhere
state_paused = Paused by you at { $time }.
    .plain = Paused by you.
    .word = Paused
state_disabled = Turned off.
    .word = Off
    .hint = mcpproxy servers enable { $server }

### engine states

engine_checking = Looking for an engine…
    .word = Checking
engine_ready = Ready. { $product }, engine { $version }.
    .plain = Ready.
    .word = Ready
engine_ready_limited = Ready, but this engine cannot limit { $missing }.
    .plain = Ready, but this engine cannot enforce every limit.
    .word = Ready, weaker
engine_ready_remote = Ready on { $endpoint }; folders cannot be shared.
    .plain = Ready on another computer; folders cannot be shared.
    .word = Ready, remote
engine_not_running = { $product } is installed but not running. Start it: { $start }
    .short = { $product } is installed but not running.
    .plain = Docker is installed but not running.
    .word = Not running
engine_starting = Docker is starting.
    .word = Starting
engine_not_installed = There is no container engine on this computer.
    .word = Not found
engine_no_permission = Docker runs, but your user may not use { $endpoint }.
    .plain = Docker runs, but your user may not use it.
    .word = No permission
engine_context_broken = { $detail }
    .plain = The chosen context points to an engine that is not there.
    .word = Context broken
engine_chosen_absent = { $source } points to { $endpoint }, where no engine answers.
    .plain = The chosen engine is not there.
    .word = Not there
engine_address_invalid = The address of the engine in { $source } cannot be used. { $detail }
    .plain = The address of the engine cannot be used.
    .word = Address wrong
engine_address_not_supported = The address of the engine in { $source } is of a kind that is not supported. { $detail }
    .plain = The address of the engine is of a kind that is not supported.
    .word = Address wrong
engine_too_old = Engine { $version } is too old; 20.10 or later is needed.
    .plain = The engine is too old; 20.10 or later is needed.
    .word = Too old
engine_too_new = Engine { $version } needs a newer MCPProxy.
    .plain = The engine needs a newer MCPProxy.
    .word = Too new
engine_not_answering = The engine at { $endpoint } does not answer properly: { $detail }.
    .plain = The engine does not answer.
    .word = Not answering
engine_wrong_os = Docker is switched to Windows containers.
    .word = Windows containers
engine_wsl_missing = WSL 2 is not set up for Docker Desktop.
    .word = WSL missing
engine_wsl_off = Docker Desktop's connection to WSL is off for { $distribution }.
    .plain = Docker Desktop's connection to WSL is off.
    .word = WSL off
engine_snap = Docker was installed as a snap, which stops the protections MCPProxy uses.
    .word = Snap
engine_stopped = Docker stopped at { $time }. { $count ->
    [one] 1 server is waiting.
   *[other] { $count } servers are waiting.
}
    .plain = Docker stopped; its servers are waiting.
    .word = Stopped meanwhile
engine_lost = Docker went away while it was needed. Servers return by themselves when it does.
    .word = Stopped meanwhile
engine_restarted = { $count ->
    [one] Docker restarted while 1 call ran; it was answered with an error and not repeated.
   *[other] Docker restarted while { $count } calls ran; they were answered with an error and not repeated.
}
    .plain = Docker restarted; calls that ran were answered with an error and not repeated.

### requests to the engine

engine_unreachable = Docker cannot be reached. { $detail }
    .plain = Docker cannot be reached.
engine_timeout = Docker did not answer in time. { $detail }
    .plain = Docker did not answer in time.
engine_protocol = Docker's answer makes no sense. { $detail }
    .plain = Docker's answer makes no sense.
engine_no_such_image = The engine does not have the image. { $detail }
    .plain = The engine does not have the image.
engine_not_found = The engine does not know the container any more. { $detail }
    .plain = The engine does not know the container any more.
engine_name_taken = The name of the container is taken. { $detail }
    .plain = The name of the container is taken.
engine_conflict = The engine cannot do that now. { $detail }
    .plain = The engine cannot do that now.
engine_bind_missing = The engine does not see a folder that the server is to get. { $detail }
    .plain = The engine does not see a folder that the server is to get.
engine_folder_not_shared = Docker Desktop may not share { $path }. Allow it there first.
    .plain = Docker Desktop may not share a folder that the server is to get. Allow it there first.
engine_entrypoint = The image cannot run its first program. { $detail }
    .plain = The image cannot run its first program.
engine_unknown_user = The image has no such user. Write a number instead. { $detail }
    .plain = The image has no such user. Write a number instead.
engine_network = The network of the container is not there. { $detail }
    .plain = The network of the container is not there.
engine_disk_full = The engine's disk is full, so { $server } could not be created.
    .plain = The engine's disk is full.
    .word = Disk full
engine_forbidden = The engine's socket forbids what is needed. { $detail }
    .plain = The engine's socket forbids what is needed.
engine_refused = The engine refused the request. { $detail }
    .plain = The engine refused the request.
engine_failed = The engine failed. { $detail }
    .plain = The engine failed.
engine_architecture = The engine runs on { $arch }; servers can be isolated on amd64 and arm64.
    .plain = Servers can be isolated on amd64 and arm64 only.
endpoint_invalid = The address of the engine cannot be used. Write unix:///path or tcp://host:port.
endpoint_not_supported = An engine address of this kind is not supported. Write unix:///path or tcp://host:port.

### images

image_name_invalid = { $text } is not the name of an image: { $reason }.
    .plain = This is not the name of an image.
image_missing = The image { $image } does not exist in its registry or on this computer.
    .plain = The image does not exist in its registry or on this computer.
image_rate_limit = { $registry } limits downloads from your address for about { $minutes } min.
    .short = { $registry } limits downloads from your address. Sign in there, or wait.
    .plain = The registry limits downloads from your address. Sign in there, or wait.
    .hint = docker login
image_sign_in = { $registry } wants a sign-in for { $image }.
    .plain = The registry wants a sign-in.
    .hint = docker login
image_credential_helper = Docker's helper { $helper } failed ({ $reason }), and { $registry } wants a sign-in for { $image }.
    .plain = Docker's helper for sign-ins was not found, so the download could not start.
image_architecture = The image { $image } exists only for { $have }; the engine runs on { $want }.
    .plain = The image does not exist for this computer's kind of processor.
image_download_broke = The download of { $image } stopped: { $detail }. It continues where it stopped.
    .plain = The download stopped. It continues where it stopped.
image_registry_unreachable = { $registry } does not answer, so { $image } could not be downloaded. { $detail }
    .plain = The registry does not answer, so the image could not be downloaded.
image_registry_certificate = The engine does not trust the certificate of { $registry }. { $detail }
    .plain = The engine does not trust the certificate of the registry.
image_disk_full = The engine's disk is full, so { $image } could not be downloaded.
    .plain = The engine's disk is full, so the image could not be downloaded.
image_download_stalled = The download of { $image } stands still: nothing came for { $seconds } s.
    .plain = The download stands still.
image_cancelled = The download of { $image } was cancelled.
    .plain = The download was cancelled.
    .hint = mcpproxy servers restart { $server }
image_failed = { $image } could not be downloaded. { $detail }
    .plain = The image could not be downloaded.

### packages

package_not_found = The package { $package } does not exist. Did you mean { $suggestion }?
    .short = The package { $package } does not exist. Check its name.
    .plain = The package does not exist. Check its name.
package_version_not_found = The index has no such version of { $package }. { $detail }
    .plain = The index has no such version of the package.
package_network = The index cannot be reached, so { $package } could not be installed. { $detail }
    .plain = The index cannot be reached, so the package could not be installed.
package_certificate = The index presented a certificate that the container does not trust. Name your certificates in docker_isolation.ca_certificates. { $detail }
    .plain = The index presented a certificate that the container does not trust. Name your certificates in docker_isolation.ca_certificates.
package_sign_in = The index wants a sign-in for { $package }. { $detail }
    .plain = The index wants a sign-in.
package_scripts_needed = { $package } has to be built, which runs its code. If you trust it, write "allow_scripts": true into its isolation block.
    .plain = A package has to be built, which runs its code. If you trust it, write "allow_scripts": true into its isolation block.
package_wrong_language_version = { $package } does not run on the version of the language in the image. Choose an image. { $detail }
    .plain = The package does not run on the version of the language in the image. Choose an image.
package_no_command = { $package }: { $detail }
    .plain = The package has no such command.
package_tool_missing = The image has no { $detail }, which is needed to fetch { $package }. Choose an image that has it.
    .plain = The image lacks a tool that is needed to fetch the package. Choose an image that has it.
package_disk_full = The engine's disk is full, so { $package } could not be installed.
    .plain = The engine's disk is full, so the package could not be installed.
package_out_of_memory = Installing { $package } needed more than { $detail } MB of memory. Raise memory_limit.
    .plain = Installing needed more memory than allowed. Raise memory_limit.
package_timed_out = Installing { $package } did not end within { $detail } minutes.
    .plain = Installing did not end in time.
package_cancelled = Installing { $package } was cancelled.
    .plain = Installing was cancelled.
    .hint = mcpproxy servers restart { $server }
package_no_result = Installing { $package } ended without a result.
    .plain = Installing ended without a result.
package_failed = { $package } could not be installed. { $detail }
    .plain = The package could not be installed.
packages_unprepared = The packages of this server are not prepared yet.
preparation_cancelled = Preparing was cancelled.
    .hint = mcpproxy servers restart { $server }

### server failures

command_not_found = The image { $image } has no { $command }. MCPProxy can add it.
    .short = There is no { $command }. Check the command.
    .plain = The command of { $server } was not found.
    .hint = mcpproxy servers logs { $server }
command_not_executable = The command of { $server } cannot be run: permission is denied, or it is no program.
    .plain = The command cannot be run: permission is denied, or it is no program.
    .hint = mcpproxy servers logs { $server }
exec_failed = { $program } cannot be run in the image { $image }: { $reason }.
    .plain = The command of { $server } cannot be run in its image.
    .hint = mcpproxy servers explain { $server }
spawn_failed = { $program } cannot be started: { $detail }.
    .short = { $program } cannot be started.
    .plain = The command cannot be started.
working_dir_failed = The folder { $path } cannot be entered in the container: { $reason }.
    .plain = The working folder of { $server } cannot be entered.
secret_file_failed = A secret could not be handed over to the server.
server_exited = { $server } stopped after { $seconds } s, { part_exit }. Its last words: { $last_line }
    .short = { $server } stopped after { $seconds } s, { part_exit }.
    .plain = The server stopped.
    .word = Stopped with an error
    .hint = mcpproxy servers logs { $server }
exit_before_initialize = { $server } stopped while starting, after { $seconds } s, { part_exit }. Its last words: { $last_line }
    .short = { $server } stopped while starting, after { $seconds } s, { part_exit }.
    .plain = The server stopped while starting.
    .word = Stopped with an error
    .hint = mcpproxy servers logs { $server }
server_out_of_memory = { $server } needed more than { $limit } of memory and was stopped.
    .short = Ran out of memory at { $limit }.
    .plain = Ran out of memory.
    .word = Out of memory
    .hint = mcpproxy servers show { $server }
server_stdin_closed = The server was ended because nobody speaks to it any more.
server_stopped = The server was stopped.
server_killed = The server was killed from outside.
    .hint = mcpproxy servers restart { $server }
server_heartbeat_lost = The server was ended because MCPProxy went silent.
server_garbled = The container's messages could not be read.
crash_loop = { $server } stopped { $count } times in { $minutes } min. MCPProxy waits for you now.
    .plain = It stopped again and again. MCPProxy waits for you now.
    .word = Stopped with an error
    .hint = mcpproxy servers logs { $server }
container_ended = The container ended before its server ran, { part_exit }.
    .plain = The container ended before its server ran.
container_silent = The container did not start its server within { $seconds } s.
    .plain = The container did not start its server in time.
no_container = This server has no container of its own.
arguments_too_large = Arguments and environment together are larger than 1 MB.
arguments_malformed = An argument or a variable holds what no program can be given: a zero byte, or a name with an equals sign.
certificates_unreadable = The certificates in { $path } cannot be read: { $detail }.
    .plain = The certificates cannot be read.
volume_binds_host = The volume { $volume } is a folder of this computer in disguise. Name the folder itself.
    .plain = A volume is a folder of this computer in disguise. Name the folder itself.
initialize_timeout = { $server } runs but has not answered for { $seconds } s. Its last line: { $last_line }
    .short = { $server } runs but has not answered for { $seconds } s.
    .plain = It runs but does not answer.
    .word = Not answering
    .hint = mcpproxy servers logs { $server }
initialize_refused = { $server } refused to begin: { $message }
    .plain = It refused to begin.
initialize_version = { $server } speaks the protocol version { $version }, which MCPProxy does not.
    .plain = It speaks a version of the protocol that MCPProxy does not.
initialize_malformed = { $server } gave a first answer that cannot be read.
    .plain = Its first answer cannot be read.
not_mcp = { $server } wrote text where only messages belong: { $line }
    .plain = It wrote text where only messages belong.
    .hint = mcpproxy servers logs { $server }
file_outside = { $server } asked for { $path }, which it may not see.
    .plain = It asked for a folder that it may not see.
docker_in_docker = This server starts containers itself. Giving it the Docker socket would give it your whole computer.

### connections and calls

upstream_ended = { $server } closed its output. Its last words: { $last_line }
    .short = { $server } closed its output.
    .plain = The server closed its output.
    .hint = mcpproxy servers logs { $server }
upstream_stopped = The connection was closed.
upstream_read_failed = Reading from the server failed.
upstream_write_failed = Writing to the server failed.
upstream_stalled = The server does not read what it is sent.
upstream_message_too_long = The server sent a message longer than { $limit } bytes.
    .plain = The server sent a message that is too long.
upstream_session_lost = The remote server no longer knows this session.
upstream_unreachable = { $server } cannot be reached at { $host }.
    .short = { $server } cannot be reached at its address.
    .plain = The remote server cannot be reached.
    .word = Unreachable
upstream_unauthorized = The remote server refuses the credentials (status { $status }).
    .plain = The remote server refuses the credentials.
remote_address = The address { $url } cannot be used: { $reason }.
    .plain = The address cannot be used.
remote_status = The remote server answered with HTTP status { $status }.
    .plain = The remote server answered with an error.
remote_unauthorized = The remote server refuses the credentials (status { $status }). Check its headers.
    .plain = The remote server refuses the credentials. Check its headers.
remote_header = The header { $header } cannot be sent: it holds characters that headers must not have.
    .plain = A header cannot be sent: it holds characters that headers must not have.
call_timeout = { $server } did not answer the call within { $seconds } s.
    .plain = The call was not answered in time.
call_cancelled = The call was cancelled.
call_busy = Too many calls wait for { $server }. Try again.
    .plain = Too many calls wait for this server. Try again.
call_refused = The server refused the call.
call_http_status = The remote server answered with HTTP status { $status }.
    .plain = The remote server answered with an error.
message_syntax = The message is no JSON.
message_too_deep = The message is nested too deeply.
message_not_utf8 = The message is not valid UTF-8.
message_control_character = The message holds a zero byte.
message_too_long = The message is too long.
message_batch = Several messages in one are not supported.
message_not_rpc = The message is no JSON-RPC message.
message_invalid_id = The id of the message is neither text nor a whole number.
message_duplicate_field = The message has a field twice.
header_duplicate = A header of the request stands there twice.
header_malformed = A header of the request cannot be read.
protocol_version_unsupported = This version of the protocol is not supported.

server_not_connected = { $server } is not connected. Run: mcpproxy servers show { $server }
    .plain = The server is not connected.
    .hint = mcpproxy servers show { $server }
server_disabled = { $server } is turned off.
    .plain = The server is turned off.
    .hint = mcpproxy servers enable { $server }
session_missing = The request names no session. Begin with initialize.
session_unknown = The session is not known here. Begin again with initialize.
duplicate_id = A request with this id is still in flight. Use another id.
too_many_requests = Too many requests of this session are in flight. Wait for some of them.
event_unknown = The event names no stream that can still be taken up.
era_not_spoken = This version of the protocol is not spoken here.
unexpected_answer = The answer of the running MCPProxy was not understood. Run the same version on both sides.
not_running = MCPProxy does not run. Start it with mcpproxy serve.
    .hint = mcpproxy serve
internal = Something inside MCPProxy went wrong. It is tried again; the log has the details.
    .hint = mcpproxy logs

### network

network_refused = { $server } was refused { $address }; it is not in its list.
    .plain = An address was refused; it is not in the server's list.
network_off = { $server } asked for { $address }, but its network is off.
    .plain = It asked for an address, but its network is off.
network_certificate = { $address } presented a certificate from { $issuer }, which the container does not trust. Your computer does.
    .plain = A certificate that the container does not trust was presented. Your computer trusts it.

### configuration

config_syntax = mcp_config.json, line { $line }, column { $column }: { $expected }. The last good version stays in use.
    .plain = mcp_config.json cannot be read. The last good version stays in use.
    .hint = mcpproxy config check
config_invalid = { $server }: { $key } { $value } cannot be used. It takes { $expected }. Write { $suggestion }.
    .short = { $key } { $value } cannot be used. It takes { $expected }.
    .plain = A setting cannot be used. It takes { $expected }.
    .hint = mcpproxy config check
config_broken = mcp_config.json has a mistake.
    .hint = mcpproxy config check
config_file_broken = mcp_config.json has a mistake, and is not written until that is mended.
    .hint = mcpproxy config check
config_not_found = { $path } does not exist.
    .plain = The configuration file does not exist.
config_unusable = { $path } cannot be used: { $reason }.
    .plain = The configuration file cannot be used.
config_read = { $path } cannot be read: { $reason }.
    .plain = The configuration file cannot be read.
config_write = { $path } cannot be written: { $reason }.
    .plain = The configuration file cannot be written.
config_changed = { $path } was changed by another program meanwhile. Try again.
    .plain = The configuration file was changed by another program meanwhile. Try again.
server_unknown = There is no server named { $server }.
    .plain = There is no server of this name.
    .hint = mcpproxy servers list
server_duplicate = There is already a server named { $server }.
    .plain = There is already a server of this name.
unknown_server = There is no server named { $server }.
    .plain = There is no server of this name.
    .hint = mcpproxy servers list
server_exists = There is already a server named { $server }.
    .plain = There is already a server of this name.
config_unknown_key = { $key } is no setting that MCPProxy knows; it has no effect.
    .plain = A setting is not known; it has no effect.
config_deprecated_key = { $key } no longer has an effect.
    .plain = A setting no longer has an effect.
config_enabled_absent = { $server } does not say "enabled", so it is on.
    .plain = A server does not say "enabled", so it is on.
config_taken_as_text = { $key } is a number or true or false where text belongs; it is taken as text.
    .plain = A number stands where text belongs; it is taken as text.
config_command_unused = { $server } has both a command and an address; only the address is used.
    .plain = A server has both a command and an address; only the address is used.
config_name_ignored = The name inside { $server } differs from the one it stands under, which holds.
    .plain = A name differs from the one it stands under, which holds.
config_mode_unavailable = { $key } asks for the system sandbox, which is not available; "enabled" decides.
    .plain = The system sandbox is not available; "enabled" decides.
isolation_ignored = Isolation is switched off for all servers in mcp_config.json, so { $server }'s own setting does nothing.
    .plain = Isolation is switched off for all servers in mcp_config.json, so a server's own setting does nothing.
    .hint = mcpproxy isolate { $server } on
port_in_use = { $address } is used by another program.
    .plain = The address is used by another program.
listen_failed = MCPProxy cannot listen at { $address }.
    .plain = MCPProxy cannot listen at its address.
socket_failed = The socket in the data folder could not be made. Choose a shorter or writable folder.
already_running = MCPProxy already runs with this data folder.
    .hint = mcpproxy status
data_dir_open_to_others = Other users can enter the data folder { $path }. Run: chmod 700 { $path }
    .plain = Other users can enter the data folder. Take that away with chmod 700.
data_dir_unusable = The data folder { $path } cannot be used.
    .plain = The data folder cannot be used.
change_denied = The configuration does not allow this ({ $key }).
    .plain = The configuration does not allow this.
nothing_to_cancel = Nothing is being downloaded or installed.
paused = MCPProxy is paused by the user.
freeze_unsupported = This system cannot hold processes still. It runs on and gets no calls while all is paused.
freeze_ended = It ended before it could be paused or resumed.
freeze_failed = It could not be paused or resumed. It runs on and gets no calls while all is paused.
no_window = MCPProxy runs here without a window. Use the terminal, or start the app.
not_isolatable = { $server } starts no process of its own here, so there is nothing to isolate.
    .plain = It starts no process of its own here, so there is nothing to isolate.
already_unprotected = It runs without isolation already, until it is turned on.
not_a_setting = { $key } cannot be set here. Change it in the file, or by its own command.
    .plain = It cannot be set here. Change it in the file, or by its own command.
nothing_to_undo = There is no removal that can still be undone. Add the server again.
paste_empty = There is nothing in it. Paste a command, an address or JSON.
paste_too_long = That is too long for servers. Paste the part that names them.
paste_too_many = There are more than { $word } servers in it; the rest is left out.
    .plain = There are too many servers in it; the rest is left out.
paste_no_server = There is no server in it: no "command" and no "url".
paste_quote_open = The { $word } that opens here is never closed.
    .plain = A quote that opens here is never closed.
paste_shell = A shell would be needed for { $word }. Paste the server's own command only.
    .plain = A shell would be needed for this. Paste the server's own command only.
paste_substitution = { $word } would run another command to fill this in. Paste its result.
    .plain = Another command would fill this in. Paste its result.
paste_not_a_server = “{ $word }” starts no server. Paste the command that does.
    .plain = This starts no server. Paste the command that does.
paste_flag = { $word } means nothing here and is left out.
    .plain = A flag means nothing here and is left out.
paste_unknown_word = Another program would fill { $word } in. Put the value in its place.
    .plain = Another program would fill a word in. Put the value in its place.
paste_json = { $word }
    .plain = It is no JSON that can be read.
span_out_of_range = Isolation can be off for 1 second to 30 days at a time.
exemption_not_saved = The exemption cannot be saved, so the server stays isolated.
shutting_down = MCPProxy is shutting down.
changes_too_old = The changes asked for are no longer kept. Read everything again.

### secrets

secret_missing = { $server } needs { $secret }, which has no value.
    .short = { $secret } has no value.
    .plain = A secret has no value.
    .word = Waiting for a secret
    .hint = mcpproxy secrets set { $secret }
variable_missing = { $server } needs the variable { $secret }, which was not set where MCPProxy started. Set it in your shell's profile and start MCPProxy again, or keep the value with mcpproxy secrets set { $secret } and write {"${keyring:"}{ $secret }{"}"}.
    .short = The variable { $secret } was not set where MCPProxy started.
    .plain = A variable that it needs was not set where MCPProxy started.
    .word = Waiting for a variable
secret_source_unknown = { $reference } refers to a source that does not exist. Write env or keyring.
    .plain = A reference names a source that does not exist. Write env or keyring.
secret_name = This cannot be the name of a secret. Use letters, digits, dots, dashes and underscores.
secret_store_failed = The secrets could not be read or saved.
keychain_locked = The system keyring is locked, so { $server } has no secrets.
    .plain = The system keyring is locked.
keychain_unavailable = There is no system keyring in this session.
keychain_timeout = The system keyring does not answer; it may be waiting to be unlocked.

### clients

client_elsewhere = { $client } points to port { $port }, where no MCPProxy answers.
    .plain = A client points to a port where no MCPProxy answers.
    .hint = mcpproxy connect { $id }
client_file_broken = { $client }'s { $file } has a mistake at line { $line }. MCPProxy will not write into it.
    .plain = A client's file has a mistake. MCPProxy will not write into it.
client_file_changed = { $client } changed this file meanwhile. Here is the new difference.
    .plain = The file was changed meanwhile. Here is the new difference.
client_data_refused = The system refused access to { $client }'s file. Allow MCPProxy in the privacy settings.
    .plain = The system refused access to a client's file. Allow MCPProxy in the privacy settings.
client_needs_consent = The system will ask before MCPProxy may look into { $client }'s file.
    .plain = The system will ask before MCPProxy may look into this file.
client_file_unusable = { $client }'s { $file } cannot be used.
    .plain = A client's file cannot be used.
client_file_failed = { $file } could not be read or written. Nothing of { $client } was changed.
    .plain = A client's file could not be read or written. Nothing was changed.
client_absent = { $client } was not found on this computer.
    .plain = This client was not found on this computer.
client_not_connected = Not connected.
client_waiting = Connected; waiting for the first request from { $client }.
    .plain = Connected; waiting for the first request.
client_connected = Connected.
client_entry_removed = { $client } removed the entry. Connect it again.
    .plain = The client removed the entry. Connect it again.
    .hint = mcpproxy connect { $id }
client_nothing_to_undo = There is nothing to undo for { $client }.
    .plain = There is nothing to undo.
client_entry_unknown = { $client } has no server named { $name } in its file.
    .plain = The client has no server of this name in its file.
client_unknown = There is no client named { $name }.
    .plain = There is no client of this name.
client_server_not_ready = { $name } stays in { $client }: its server does not answer in MCPProxy yet.
    .plain = The entry stays in the client's file: its server does not answer in MCPProxy yet.
client_next_quit_and_open = Quit { $client } completely and open it again; closing the window is not enough.
client_next_mcp_command = Open conversations pick it up with /mcp, new ones by themselves.
client_next_by_itself = Picked up by itself within a few seconds.
client_next_start_entry = Press Start above the entry in its file.
client_next_refresh = Press refresh in { $client }'s list of servers, or start it again.
client_next_restart = Start { $client } again.
import_unknown = This server is not in any client's file any more. Look at the list again.
key_unknown = There is no key named { $name }.
    .plain = There is no key of this name.
key_name = { $name } cannot name a key. Use up to 64 letters, digits, dots, dashes and underscores.
    .plain = This cannot name a key. Use up to 64 letters, digits, dots, dashes and underscores.
key_exists = A key named { $name } already exists. Revoke it first, or choose another name.
    .plain = A key of this name already exists. Revoke it first, or choose another name.
tool_held = This tool waits for approval in MCPProxy.

### login shell

login_env_not_needed = The login shell was not asked, since this program's own environment is complete.
login_env_root = The login shell was not asked, since this program runs as root.
login_env_unsupported = This system has no login shell; its own environment is used.
login_env_no_shell = No usable login shell was found.
login_env_untrusted_shell = The login shell was not run, since others could change it.
login_env_start = The login shell could not be started.
login_env_no_answer = The login shell ended without an answer. Look at its start-up files.
login_env_timed_out = The login shell did not answer in time. Look at its start-up files.
login_env_bad_answer = The answer of the login shell is not usable.

### start at login

autostart_on = MCPProxy starts at login.
autostart_off = MCPProxy does not start at login.
autostart_disabled_by_person = You switched this off in { $place }. Switching it on here takes that back.
    .plain = You switched this off in the system's settings. Switching it on here takes that back.
autostart_stale = At login another copy starts: { $path }. Switch it on to start this one.
    .plain = At login another copy of MCPProxy starts. Switch it on to start this one.
autostart_unsupported = This system offers no start at login to MCPProxy.
autostart_translocated = macOS runs MCPProxy from a temporary place. Move it to Applications and open it there.
autostart_mounted_volume = MCPProxy runs from a mounted volume. Move it to Applications and open it there.
autostart_path_unstartable = The path of MCPProxy has a { $character } in it, which this desktop cannot start at login. Move it to another folder.
    .plain = The path of MCPProxy has a character in it that this desktop cannot start at login. Move it to another folder.
autostart_path_not_text = The path of MCPProxy is not valid text. Move it to another folder.
autostart_control_in_path = The path of MCPProxy has a control character in it. Move it to another folder.
autostart_path_too_long = The path of MCPProxy is too long for Windows to start it at login. Move it to another folder.
autostart_unreadable = The entry for start at login cannot be read.
autostart_write = Start at login could not be changed. Look at the rights of { $file }.
    .plain = Start at login could not be changed. Look at the rights of the file.
autostart_unknown = MCPProxy cannot tell where it was started from.

### refusals

nothing_to_run = { $command } needs the name of a package. Write it into args.
    .plain = The command needs the name of a package. Write it into args.
command_elevates = { $command } asks for other rights than yours, which a container never gets. Remove it.
    .plain = The command asks for other rights than yours, which a container never gets. Remove it.
command_needs_host = { $command } needs keys, programs or windows of this computer. Turn isolation off for this server.
    .plain = The command needs keys, programs or windows of this computer. Turn isolation off for this server.
    .hint = mcpproxy isolate { $server } off
package_needs_scripts = { $package } must be built, which runs its code while it is prepared. If you trust it, write "allow_scripts": true into its isolation block.
    .plain = A package must be built, which runs its code while it is prepared. If you trust it, write "allow_scripts": true into its isolation block.
command_unclear = The command { $command } cannot be understood: { $problem }.
    .plain = The command cannot be understood.
program_of_other_system = { $path } is a program for { $system } and cannot run in a Linux container. Turn isolation off for it.
    .plain = The program is made for another system and cannot run in a Linux container. Turn isolation off for it.
    .hint = mcpproxy isolate { $server } off
program_missing = { $path } does not exist on this computer, so it cannot be put into the container.
    .plain = The program does not exist on this computer.
isolation_value = { $key } { $value } is not { $expected }. Write { $example }.
    .plain = A setting of isolation cannot be used.
flag_unknown = The flag { $flag } in extra_args is not known. Remove it.
    .plain = A flag in extra_args is not known. Remove it.
flag_refused = The flag { $flag } in extra_args cannot be used: { $reason }.
    .plain = A flag in extra_args cannot be used.
unsafe_refused = { $what } is refused: { $reason }. If it must be, write "allow_unsafe": ["{ $lift }"] into its isolation block.
    .plain = A setting would break the isolation and is refused.
allow_unsafe_unknown = allow_unsafe does not know { $name }. It knows: { $known }.
    .plain = allow_unsafe names something that it does not know.
volume_invalid = The volume { $volume } cannot be used: { $problem }. Write /folder/here:/folder/there:ro.
    .plain = A volume cannot be used. Write /folder/here:/folder/there:ro.
volume_missing = The folder { $path } in volumes does not exist. Make it, or correct the line.
    .plain = A folder in volumes does not exist. Make it, or correct the line.
volume_remote = { $path } lies on this computer, and the engine runs on another one. Remove it from volumes.
    .plain = A folder lies on this computer, and the engine runs on another one. Remove it from volumes.

### explain

explain-files-none = It sees no file of yours.
explain-files-read = It reads { $path }, which it sees as { $target }.
explain-files-write = It reads and changes { $path }, which it sees as { $target }.
explain-files-keeps = What it writes to { $target } is kept for its next start.
explain-volume-read = It reads the volume { $name } as { $target }.
explain-volume-write = It reads and changes the volume { $name } as { $target }.
explain-network-none = It reaches no network.
explain-network-bridge = It can reach the internet, your network and this computer.
explain-network-host = It shares this computer's network: it reaches the internet, your network and every service here, as if it were not isolated.
explain-network-named = It reaches the Docker network { $name } and whatever that leads to.
explain-network-container = It shares the network of the container { $name }.
explain-network-port = Others reach its port { $port } at { $address }.
explain-secrets-none = It gets no environment of yours.
explain-secrets-some = It gets { $names }; their values stand in no command line, log or description of the container.
explain-secrets-arguments = { $count ->
    [one] One of its arguments holds a secret and is kept out of sight.
   *[other] { $count } of its arguments hold secrets and are kept out of sight.
}
explain-limits = It may use { $memory } of memory, { $cpus ->
    [one] 1 processor
   *[other] { $cpus } processors
} and { $processes } processes.
explain-user = It runs as user { $user } without any privilege, on a file system it cannot change.
explain-user-root = It runs as root inside its container, without any privilege, on a file system it cannot change.
explain-user-relaxed = It runs as user { $user }; what was relaxed stands below.
explain-user-root-relaxed = It runs as root inside its container; what was relaxed stands below.
explain-image = { $launcher } runs in the image { $image }.
explain-image-chosen = { $launcher } runs in the image { $image }, which you chose.
explain-prepared = { $package } is installed once into a volume of its own, and started from there.
explain-prepared-project = Its packages are installed once into a volume of their own, and used from there.
explain-own-container = It starts a container itself with { $command }. Its own settings hold, and nothing of MCPProxy's is added to them.
explain_host = It runs on this computer outside any container and can do what you can.
explain_own_container = It starts a container itself. Its own settings hold, and nothing of MCPProxy's is added to them.
explain_remote = It runs on another computer; isolation does not apply.

### relaxed

relaxed-network-host = { $key }: it uses this computer's network, so it also reaches every service on it.
relaxed-network-named = { $key }: it is in the Docker network { $value }.
relaxed-folder-read = { $key }: it reads { $value }.
relaxed-folder-write = { $key }: it reads and changes { $value }.
relaxed-keeps-data = { $package } keeps data, so what it writes to { $value } outlives it.
    .plain = It keeps data of its own between restarts.
relaxed-writable-root = { $key }: it can change its own file system, which is thrown away at its end.
relaxed-capability = { $key }: it keeps the capability { $value }.
relaxed-user = { $key }: it runs as user { $value }.
relaxed-root-user = { $key }: it runs as root inside its container.
relaxed-owner-root = { $key }: the folder belongs to root, so it runs as root without any privilege.
relaxed-log-driver = { $key }: the engine keeps what it writes ({ $value }).
relaxed-pids = { $key }: it may start { $value } processes.
relaxed-swap = { $key }: it may also use swap space ({ $value }).
relaxed-scripts = { $key }: packages run their install scripts while they are prepared.
relaxed-port = { $key }: its port is published at { $value }.
relaxed-ulimit = { $key }: its limits are changed to { $value }.
unsafe-root = { $key }: it sees this whole computer ({ $value }).
unsafe-home = { $key }: it sees your whole home folder ({ $value }).
unsafe-system = { $key }: it sees a folder of the system ({ $value }).
unsafe-credentials = { $key }: it sees your keys and passwords ({ $value }).
unsafe-browser = { $key }: it sees the data of your browser ({ $value }).
unsafe-docker-socket = { $key }: it controls the engine, and through it this whole computer ({ $value }).
unsafe-socket = { $key }: it speaks to a program of yours ({ $value }).
unsafe-own-data = { $key }: it sees MCPProxy's own data ({ $value }).
unsafe-remote-folder = { $key }: it sees a folder of the engine's computer ({ $value }).
unsafe-privileged = { $key }: it can do whatever root can do on this computer.
unsafe-host-pid = { $key }: it sees and ends programs of this computer.
unsafe-host-ipc = { $key }: it shares memory with programs of this computer.
unsafe-host-uts = { $key }: it can rename this computer.
unsafe-host-userns = { $key }: its root is this computer's root.
unsafe-host-cgroup = { $key }: it sees the limits of this computer's programs.
unsafe-device = { $key }: it uses the device { $value }.
unsafe-capability = { $key }: it keeps the capability { $value }, with which it can leave its container.
unsafe-seccomp = { $key }: its system calls are not filtered ({ $value }).
unsafe-apparmor = { $key }: AppArmor does not hold it ({ $value }).
unsafe-selinux = { $key }: SELinux does not hold it ({ $value }).
unsafe-new-privileges = { $key }: its programs can gain rights.
unsafe-foreign-network = { $key }: it shares the network of another container ({ $value }).
unsafe-open-port = { $key }: its port is open to your whole network ({ $value }).
unsafe-tcp-engine = { $key }: it could reach the engine, which asks for no password.

### isolation

isolation-fetches = { $launcher } may fetch packages each time it starts.
isolation-userns-read-only = The engine maps users to others, so folders are read-only for it.
isolation-project-not-mounted = Only the program itself is shared, not its folder { $path }, which holds more than a project. To share a part of it, add it to volumes.
isolation-path-not-mounted = { $path } among its arguments is not shared. To share it, add it to volumes: "{ $line }".
    .plain = A path among its arguments is not shared. To share it, add it to volumes.
isolation-variable-path-not-mounted = { $name } names a path of this computer that is not shared. To share it, add it to volumes: "/folder:/folder:ro".
    .plain = A path in its environment is not shared. To share it, add it to volumes.
isolation-env-file-visible = { $path } holds a file .env, often with secrets, and the server can read it.
isolation-client-file-visible = { $path } holds { $file }, an AI client's list of programs to start. Do not let the server change it.
isolation-flag-ignored = The flag { $flag } in extra_args has no effect here.
isolation-terminal-stripped = A terminal was asked for; MCP servers have none, so that was left out.
isolation-own-container = { $command } starts a container of its own, with its author's settings.
isolation-network-host = { $server } shares this computer's network: it can reach every service here, loopback included.
    .plain = A server shares this computer's network: it can reach every service here, loopback included.
isolation-network-named = { $server } joins the network { $network }: it can reach every container there.
    .plain = A server joins a network of its own choice: it can reach every container there.
isolation-network-foreign = { $server } shares the network of the container { $network }: it can reach whatever listens there, loopback included.
    .plain = A server shares the network of another container: it can reach whatever listens there, loopback included.
isolation-log-not-limited = The log driver { $driver } keeps no files of its own, so log_max_size and log_max_files have no effect.
isolation-packages-ignored = packages has no effect for { $launcher }.
isolation-image-glibc = { $path } is no static program, so it runs in a Debian image.
isolation-image-by-script = The image was chosen for { $launcher }, since the script names it.
isolation-image-bash = bash runs in { $image }, since the documented image has none.
isolation-command-unknown = { $command } is not known here; it has to be in the image.
isolation-memory-not-limited = This engine does not limit memory.
isolation-cpu-not-limited = This engine does not limit processors.
isolation-pids-not-limited = This engine does not limit processes.
isolation-swap-not-limited = This engine does not limit swap space.
isolation-calls-not-filtered = This engine does not filter system calls.

### doctor

doctor_config_broken = { $sentence }
    .plain = mcp_config.json has a mistake.
    .hint = mcpproxy config check
doctor_needs_restart = { $key } was changed; the change takes effect when MCPProxy starts again.
    .plain = A change takes effect when MCPProxy starts again.
doctor_open_network = { $server } shares this computer's network (network_mode host): it reaches all that this computer reaches, and what listens only here.
    .plain = A server shares this computer's network and reaches all that this computer reaches.
doctor_config_note = In the configuration file: { $sentence }
    .plain = The configuration file has a key without effect.
    .hint = mcpproxy config check
doctor_log_lines_dropped = { $count ->
    [one] 1 line was left out of the logs, because more came than could be written.
   *[other] { $count } lines were left out of the logs, because more came than could be written.
}
doctor_engine = Engine
doctor_servers = Servers
doctor_config = Configuration
doctor_all_fine = Everything is fine.
doctor_summary = { $problems ->
    [0] No problem
    [one] 1 problem
   *[other] { $problems } problems
}, { $notes ->
    [0] no note.
    [one] 1 note.
   *[other] { $notes } notes.
}

### terminal

cli_no_instance = MCPProxy does not run. Start it: mcpproxy serve
cli_reach = What it can reach
cli_files = Files
cli_network = Network
cli_secrets = Secrets
cli_limits = Limits
cli_identity = User
cli_image = Image
cli_relaxed = Relaxed
cli_warning = Note
cli_equal_command = The equal docker command
cli_confirm = Apply? [Y/n]

### actions

action_show_logs = Show logs
action_show_output = Show output
action_show_calls = Show calls
action_show_fix = Show the fix
action_show_difference = Show difference
action_restart = Restart
action_retry = Retry now
action_cancel = Cancel
action_enable = Turn on
action_resume = Resume
action_review = Review
action_enter_secret = Enter value
action_unlock = Unlock
action_sign_in = Sign in
action_raise_memory = Raise to { $limit }
    .plain = Raise the limit
action_choose_image = Choose an image
action_add_launcher = Add { $command }
    .plain = Add it
action_correct_name = Correct name
action_share_folder = Let it see this folder
action_isolate = Isolate now
action_isolate_all = Turn on for all
action_open_config = Open at line { $line }
    .plain = Open the file
action_check_address = Check address
action_wait_longer = Wait 2 more minutes
action_start_engine = Start { $product }
    .plain = Start Docker
action_get_engine = Get an engine
action_choose_engine = Use another engine
action_update_engine = How to update
action_update_mcpproxy = Update MCPProxy
action_check_engine = Check again
action_show_permission_fix = Show the fix
action_switch_to_linux_containers = Switch to Linux containers
action_open_wsl_help = Open WSL help
action_open_file_sharing = Open file sharing
action_open_privacy_settings = Open Privacy settings
action_clean_up = Clean up
action_download_without_helper = Download without it
action_run_by_emulation = Run by emulation
action_trust_certificates = Trust the same certificates
action_allow_address = Allow
action_learn_addresses = Learn addresses
action_use_other_port = Use { $port }
    .plain = Use another port
action_correct_client = Correct it
action_take_over = Take over
action_move_to_docker = Move to Docker
action_explain_limits = What this means
action_use_local_engine = Use a local engine
action_run_as_it_is = Run as it is
action_allow_scripts = Allow its scripts
action_open_settings = Open its settings

### tray

part_engine_down = { $code ->
    [engine_not_installed] no container engine was found
    [engine_no_permission] your user may not use Docker
    [engine_too_old] the engine is too old
    [engine_wrong_os] Docker runs Windows containers
    [engine_disk_full] the engine's disk is full
   *[other] Docker is not running
}
part_waiting_servers = { $servers ->
    [one] 1 server is waiting
   *[other] { $servers } servers are waiting
}
menu_row_unknown = This row is not in the menu any more. Open the menu again.
menu_starting = MCPProxy: starting
menu_quitting = MCPProxy: stopping all servers…
menu_failed = MCPProxy could not start
menu_failed_tip = { $line }: { $reason }
menu_engine_down = MCPProxy: { part_engine_down }
menu_engine_down_tip = { $line }, { part_waiting_servers }
menu_needs_you = { $servers ->
    [one] MCPProxy: 1 server needs you
   *[other] MCPProxy: { $servers } servers need you
}
menu_paused = MCPProxy: paused by you at { $time }
menu_unprotected = { $servers ->
    [one] MCPProxy: 1 server runs unprotected
   *[other] MCPProxy: { $servers } servers run unprotected
}
menu_unprotected_tip = { $line }, { $minutes } min left
menu_busy = { $calls ->
    [one] MCPProxy: 1 call running
   *[other] MCPProxy: { $calls } calls running
}
menu_healthy = { $servers ->
    [one] MCPProxy: 1 server isolated
   *[other] MCPProxy: { $servers } servers isolated
}
menu_healthy_tip = { $calls ->
    [one] { $line }, 1 call today, { $blocked } blocked
   *[other] { $line }, { $calls } calls today, { $blocked } blocked
}
menu_ready = { $servers ->
    [one] MCPProxy: 1 server
   *[other] MCPProxy: { $servers } servers
}
menu_no_servers = MCPProxy: no servers yet
menu_all_off = MCPProxy: all servers are turned off
menu_today = { $calls ->
    [one] Today: 1 call, { $blocked } blocked
   *[other] Today: { $calls } calls, { $blocked } blocked
}
menu_attend = { $server }: { $state }. See why…
menu_attend_review = { $server }: { $state }. Review…
menu_attend_memory = { $server }: out of memory. Raise to { $limit }
menu_isolate_now = { $server } runs unprotected. Isolate now
menu_isolate_all = { $servers ->
    [one] Isolation is off for all servers. Turn it on
   *[other] Isolation is off for all { $servers } servers. Turn it on
}
menu_server = { $glyph } { $server }
menu_server_state = { $glyph } { $server }, { $state }
menu_all_servers = All servers ({ $servers })
menu_group_needs_you = Needs you ({ $servers })
menu_group_running = Running ({ $servers })
menu_group_asleep = Asleep ({ $servers })
menu_group_off = Off ({ $servers })
menu_isolated = Isolated in a container
menu_unprotected_for = Unprotected, isolated again in { $minutes } min
menu_unprotected_here = Unprotected: it has all your rights
menu_isolation = Isolation
menu_turned_on = Turned on
menu_restart = Restart
menu_server_logs = Show logs
menu_raise_memory = Raise memory to { $limit }
menu_engine = Docker: { $state }
menu_engine_product = Docker: { $state }, { $product }
menu_check_engine = Look for Docker again
menu_pause = Pause all servers
menu_resume = Resume all servers
menu_crashed = MCPProxy ended unexpectedly. Show the report…
menu_try_again = Try again
menu_open = Open MCPProxy
menu_logs = Open logs
menu_autostart = Start at login
menu_autostart_refused = Start at login: refused by the system. Open settings…
menu_settings = Settings…
menu_quit = Quit MCPProxy

### desktop

desktop_starting = MCPProxy is starting. This takes a moment.
desktop_no_window = The window cannot be shown: { $detail }. The servers run on; mcpproxy open shows the same pages in a browser.
desktop_no_tray = This desktop has no tray. MCPProxy keeps running; open it from the launcher or run mcpproxy.
desktop_serve_holds = mcpproxy serve runs here already. Its pages open in the browser: { $url }
desktop_open_failed = { $path } could not be opened: { $detail }
desktop_open_refused = { $url } is not a web address and was not opened.
desktop_unprotect = Run { $server } without isolation? It could read every file you can read, reach any address and see all your secrets.
desktop_quit = { $calls ->
    [one] 1 call is running. Wait for it?
   *[other] { $calls } calls are running. Wait for them?
}
desktop_quit_wait = Wait and quit
desktop_quit_now = Quit now
desktop_quit_stay = Stay
desktop_keep_isolated = Keep isolated
desktop_for_an_hour = For 1 hour
desktop_until = Until I turn it on

### activity

activity_started = MCPProxy { $version } started.
    .plain = MCPProxy started.
activity_ended = MCPProxy ended.
activity_file_edited = The configuration file was edited. Servers affected: { $servers }.
    .plain = The configuration file was edited.
activity_config_changed = Changed in the configuration: { $keys }.
    .plain = The configuration was changed.
activity_server_added = { $server } was added.
    .plain = A server was added.
activity_server_removed = { $server } was removed.
    .plain = A server was removed.
activity_server_ready = { $server } is ready.
    .plain = A server is ready.
activity_server_stopped = { $server } stopped.
    .plain = A server stopped.
activity_server_restarted = { $server } was restarted.
    .plain = A server was restarted.
activity_server_failed = { $server } is not ready: { $reason }
    .plain = A server is not ready.
activity_server_off = { $server } is turned off.
    .plain = A server is turned off.
activity_server_held = { $server } is held until somebody looks at it.
    .plain = A server is held until somebody looks at it.
activity_server_released = { $server } is no longer held.
    .plain = A server is no longer held.
activity_server_isolated = { $server } runs isolated now.
    .plain = A server runs isolated now.
activity_server_unprotected = { $server } runs unprotected now: it has all your rights.
    .plain = A server runs unprotected now: it has all your rights.
activity_server_elsewhere = { $server } runs outside the containers of MCPProxy now.
    .plain = A server runs outside the containers of MCPProxy now.
activity_engine = { $sentence }
    .plain = The container engine came or went.
activity_paused = All servers are paused.
activity_resumed = All servers go on.
activity_client_came = { $client } connected.
    .plain = A client connected.
activity_client_left = { $client } disconnected.
    .plain = A client disconnected.
activity_not_recorded = { $count } calls were not recorded: they came faster than they could be written.
    .plain = Some calls were not recorded: they came faster than they could be written.
activity_set_aside = The history of calls was damaged and set aside as { $file }. A new one began.
    .plain = The history of calls was damaged and set aside. A new one began.
activity_newer = The history of calls was written by a newer version of MCPProxy ({ $detail }). It is left as it is, and nothing is recorded.
    .plain = The history of calls was written by a newer version of MCPProxy. It is left as it is, and nothing is recorded.
activity_unwritable = Calls are not recorded: { $detail }. Look at the free space and the owner of the data folder.
    .plain = Calls are not recorded. Look at the free space and the owner of the data folder.
activity_unreadable = The history of calls cannot be read: { $detail }.
    .plain = The history of calls cannot be read.
activity_damaged = The history of calls is damaged ({ $detail }). It is kept under another name, and a new one begins.
    .plain = The history of calls is damaged. It is kept under another name, and a new one begins.
activity_unknown = There is no such record, or no longer.
