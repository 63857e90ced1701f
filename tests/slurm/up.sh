#!/bin/bash
# tests/slurm/up.sh DIR N   starts a private Slurm of N virtual nodes on this machine: munged,
# slurmctld and N slurmd as root, on ports of their own, everything they write under DIR.  Needs
# SLURM_CONF=DIR/slurm.conf in the environment of who uses it.  tests/slurm/down.sh DIR ends it.
# What is not obvious:
#   TmpFS per node       else `srun --mpi=pmix` over two nodes of one machine wants one folder twice
#   cgroup.conf          else slurmd does not start where no cgroup hierarchy is mounted
#   cred_expire=5        else a requeued job waits for two minutes
#   config_overrides     a node may claim more cores than there are
set -eu
D=$1 N=$2 H=$(hostname -s)
mkdir -p "$D"/{state,log,run,spool}
chmod 755 "$D" "$D/run"
[ -s "$D/munge.key" ] || head -c 128 /dev/urandom >"$D/munge.key"
chmod 600 "$D/munge.key"

base=$((20000 + $$ % 2500 * 16))        # a run of 16 ports on which nobody listens
for try in $(seq 100); do
    free=1
    for i in $(seq 0 "$N"); do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$((base + i))") 2>/dev/null || free=0
    done
    [ $free = 0 ] || break
    base=$((base + 16))
done

cat >"$D/slurm.conf" <<EOF
ClusterName=virtual
SlurmctldHost=$H(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$D/run/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool/%n
SlurmctldPidFile=$D/run/slurmctld.pid
SlurmdPidFile=$D/run/slurmd-%n.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,bf_interval=1
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=3
SlurmdTimeout=30
MessageTimeout=10
JobRequeue=1
PlugStackConfig=/dev/null
TmpFS=$D/tmp/%n
EOF
for i in $(seq "$N"); do
    mkdir -p "$D/tmp/n$i"
    chmod 1777 "$D/tmp/n$i"
    echo "NodeName=n$i NodeHostname=$H NodeAddr=127.0.0.1 Port=$((base + i))" \
        "CPUs=4 CoresPerSocket=4 RealMemory=8000 State=UNKNOWN" >>"$D/slurm.conf"
done
echo "PartitionName=debug Nodes=n[1-$N] Default=YES MaxTime=INFINITE State=UP" >>"$D/slurm.conf"
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$D/cgroup.conf"

export SLURM_CONF=$D/slurm.conf PATH=$PATH:/usr/sbin:/sbin
munged --force --key-file="$D/munge.key" --socket="$D/run/munge.sock" \
    --pid-file="$D/run/munged.pid" --seed-file="$D/run/munged.seed" --log-file="$D/log/munged.log"
slurmctld
for i in $(seq "$N"); do slurmd -N "n$i"; done
for try in $(seq 150); do
    [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" != "$N" ] || exit 0
    sleep 0.1
done
echo "the nodes did not come up:"
sinfo -N -l
tail -n 20 "$D"/log/*.log
exit 1
