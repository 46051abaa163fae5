# SPDX-License-Identifier: Apache-2.0
# Printed by: gatehousectl completion bash
_gatehousectl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' list='' files='' plain=() i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
        --socket|--lang|--kind|--source|--subject|--after|--limit|--from|--to|--driver|--address|--port|--serial|--name|--model|--place|--interface|--username|--password-file|--file|--field|--value|--purpose|--order|--reason|--directory|--config|--set-sub|--stream) ((++i)) ;;
        -*) ;;
        *) plain+=("${COMP_WORDS[i]}") ;;
        esac
    done
    command="${plain[*]:0:2}"
    case $command in
    'log verify'|'device list'|'device add'|'device remove'|'device probe'|'device discover'|'device open'|'device password'|'person list'|'person show'|'person add'|'person change'|'person end'|'vehicle list'|'vehicle show'|'vehicle add'|'vehicle change'|'vehicle end'|'visit list'|'visit show'|'visit add'|'visit change'|'visit end'|'thing list'|'thing show'|'thing add'|'thing change'|'thing end'|'home list'|'home show'|'home add'|'home change'|'home end'|'library import'|'library undo'|'library export'|'camera list'|'camera probe'|'camera snapshot'|'camera live'|'clip list'|'clip approve'|'clip refuse'|'upstream status'|'upstream dead'|'upstream resend'|'identity renew') ;;
    *) command=${plain[0]-} ;;
    esac
    case $before in
    --socket|--password-file|--file|--directory|--config) files=yes ;;
    --source|--subject|--after|--limit|--from|--to|--address|--port|--serial|--name|--model|--place|--interface|--username|--field|--value|--purpose|--order|--reason|--set-sub) return ;;
    --lang) list='zh en' ;;
    --kind) list='pass.granted pass.denied door.opened door.closed door.forced door.held button.pressed vehicle.entered vehicle.left vehicle.refused plate.read face.captured person.seen motion.started motion.ended camera.lost camera.restored camera.covered recording.gap fire.alarm fire.fault fire.restored gas.alarm water.alarm power.reading power.overload power.lost power.restored sensor.reading alarm.raised alarm.cleared tamper.raised panic.pressed duress.raised perimeter.crossed object.thrown ebike.in_lift lift.trapped call.started call.ended patrol.checked device.online device.offline device.dark device.event device.changed clock.skewed gap command.asked command.done registry.changed incident.changed oversight.changed subject.erased upstream.changed upstream.refused audit.read audit.exported audit.changed gateway.started gateway.stopped digest' ;;
    --driver) list='isapi nut onvif rtsp uhppote' ;;
    --stream) list='main sub' ;;
    *)
    if [[ $word == -* ]]; then
    case $command in
    'status') list='--socket --json --lang --help' ;;
    'check') list='--socket --json --lang --help --plan --storage --config' ;;
    'tail') list='--socket --json --lang --help --kind --source --subject --personal --after --once --limit --from --to' ;;
    'coverage') list='--socket --json --lang --help --from --to' ;;
    'log verify') list='--socket --json --lang --help' ;;
    'device list') list='--socket --json --lang --help' ;;
    'device add') list='--socket --json --lang --help --driver --address --port --serial --name --model --place --interface --tls --username --password-file --file' ;;
    'device remove') list='--socket --json --lang --help' ;;
    'device probe') list='--socket --json --lang --help' ;;
    'device discover') list='--socket --json --lang --help --address' ;;
    'device open') list='--socket --json --lang --help' ;;
    'device password') list='--socket --json --lang --help' ;;
    'person list') list='--socket --json --lang --help --limit --field --value --purpose' ;;
    'person show') list='--socket --json --lang --help --purpose' ;;
    'person add') list='--socket --json --lang --help --file' ;;
    'person change') list='--socket --json --lang --help --file' ;;
    'person end') list='--socket --json --lang --help' ;;
    'vehicle list') list='--socket --json --lang --help --limit --field --value --purpose' ;;
    'vehicle show') list='--socket --json --lang --help --purpose' ;;
    'vehicle add') list='--socket --json --lang --help --file' ;;
    'vehicle change') list='--socket --json --lang --help --file' ;;
    'vehicle end') list='--socket --json --lang --help' ;;
    'visit list') list='--socket --json --lang --help --limit --field --value --purpose' ;;
    'visit show') list='--socket --json --lang --help --purpose' ;;
    'visit add') list='--socket --json --lang --help --file' ;;
    'visit change') list='--socket --json --lang --help --file' ;;
    'visit end') list='--socket --json --lang --help' ;;
    'thing list') list='--socket --json --lang --help --limit --field --value --purpose' ;;
    'thing show') list='--socket --json --lang --help --purpose' ;;
    'thing add') list='--socket --json --lang --help --file' ;;
    'thing change') list='--socket --json --lang --help --file' ;;
    'thing end') list='--socket --json --lang --help' ;;
    'home list') list='--socket --json --lang --help' ;;
    'home show') list='--socket --json --lang --help' ;;
    'home add') list='--socket --json --lang --help --name --place' ;;
    'home change') list='--socket --json --lang --help --name --place' ;;
    'home end') list='--socket --json --lang --help' ;;
    'library') list='--socket --json --lang --help' ;;
    'library import') list='--socket --json --lang --help --dry-run' ;;
    'library undo') list='--socket --json --lang --help' ;;
    'library export') list='--socket --json --lang --help --purpose' ;;
    'camera list') list='--socket --json --lang --help' ;;
    'camera probe') list='--socket --json --lang --help --port --username --password-file --set-sub' ;;
    'camera snapshot') list='--socket --json --lang --help' ;;
    'camera live') list='--socket --json --lang --help --stream' ;;
    'clip list') list='--socket --json --lang --help' ;;
    'clip approve') list='--socket --json --lang --help' ;;
    'clip refuse') list='--socket --json --lang --help --reason' ;;
    'upstream status') list='--socket --json --lang --help' ;;
    'upstream dead') list='--socket --json --lang --help --limit' ;;
    'upstream resend') list='--socket --json --lang --help' ;;
    'identity') list='--socket --json --lang --help' ;;
    'identity renew') list='--socket --json --lang --help' ;;
    'settings') list='--socket --json --lang --help --file --defaults --schema --chrony' ;;
    'backup') list='--socket --json --lang --help' ;;
    'restore') list='--socket --json --lang --help --directory' ;;
    'erase') list='--socket --json --lang --help --order' ;;
    'bundle') list='--socket --json --lang --help --file' ;;
    'completion') list='--socket --json --lang --help' ;;
    'help') list='--socket --json --lang --help --man' ;;
    *) list='--socket --json --lang --help' ;;
    esac
    else
    case $command:${#plain[@]} in
    :0) list='status check tail coverage log device person vehicle visit thing home library camera clip upstream identity settings backup restore erase bundle completion help' ;;
    log:1) list='verify' ;;
    device:1) list='list add remove probe discover open password' ;;
    person:1) list='list show add change end' ;;
    vehicle:1) list='list show add change end' ;;
    visit:1) list='list show add change end' ;;
    thing:1) list='list show add change end' ;;
    home:1) list='list show add change end' ;;
    library:1) list='import undo export' ;;
    camera:1) list='list probe snapshot live' ;;
    clip:1) list='list approve refuse' ;;
    upstream:1) list='status dead resend' ;;
    identity:1) list='renew' ;;
    'device password:2') list='rotate' ;;
    'library import:3') files=yes ;;
    'library export:3') files=yes ;;
    'camera snapshot:3') files=yes ;;
    'upstream resend:3') list='urgent routine pictures' ;;
    'backup:1') files=yes ;;
    'restore:1') files=yes ;;
    'completion:1') list='bash zsh' ;;
    'help:1') list='status check tail coverage log device person vehicle visit thing home library camera clip upstream identity settings backup restore erase bundle completion help' ;;
    esac
    fi ;;
    esac
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word")
    fi
}
complete -F _gatehousectl gatehousectl
