; What the installer does beside Tauri's template, which already ends the desktop program and, on a true uninstall,
; removes the value `MCPProxy` of the Run key.

!macro NSIS_HOOK_PREINSTALL
  ; A bridge of a client holds the terminal's program open.
  !insertmacro CheckIfAppIsRunning "mcpproxy.exe" "${PRODUCTNAME}"
!macroend

!macro NSIS_HOOK_PREUNINSTALL
  !insertmacro CheckIfAppIsRunning "mcpproxy.exe" "${PRODUCTNAME}"
!macroend

!macro NSIS_HOOK_POSTUNINSTALL
  ; An update runs the old uninstaller first: the person's choice must outlive that.
  ${If} $UpdateMode <> 1
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run" "${PRODUCTNAME}"
  ${EndIf}
!macroend
