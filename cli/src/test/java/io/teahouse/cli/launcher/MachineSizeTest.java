package io.teahouse.cli.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./teahouse} takes for the size of the machine, or of the container on it. */
@EnabledOnOs(OS.LINUX)
class MachineSizeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path fs;

    @BeforeEach
    void layOutAMachineWithFourGiB() throws IOException {
        write("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
    }

    @Test
    void withoutControlGroupsTheMachineIsAllThereIs() throws Exception {
        assertThat(memory()).isEqualTo(4096);
        assertThat(processors()).isEqualTo(8);
    }

    @Test
    void aGroupWithoutLimitsLimitsNothing() throws Exception {
        write("proc/self/cgroup", "0::/system.slice/teahouse.service\n");
        write("sys/fs/cgroup/system.slice/teahouse.service/memory.max", "max\n");
        write("sys/fs/cgroup/system.slice/teahouse.service/cpu.max", "max 100000\n");
        assertThat(memory()).isEqualTo(4096);
        assertThat(processors()).isEqualTo(8);
    }

    @Test
    void theSmallestLimitOfAllGroupsAboveCounts() throws Exception {
        write("proc/self/cgroup", "0::/kubepods/pod1/c1\n");
        write("sys/fs/cgroup/kubepods/memory.max", "1073741824\n");
        write("sys/fs/cgroup/kubepods/pod1/memory.max", "268435456\n");
        write("sys/fs/cgroup/kubepods/pod1/c1/memory.max", "536870912\n");
        write("sys/fs/cgroup/kubepods/pod1/cpu.max", "150000 100000\n");
        write("sys/fs/cgroup/kubepods/pod1/c1/cpu.max", "400000 100000\n");
        assertThat(memory()).isEqualTo(256);
        assertThat(processors()).isEqualTo(2);
    }

    @Test
    void withinAContainerTheRootIsTheContainersOwn() throws Exception {
        write("proc/self/cgroup", "0::/\n");
        write("sys/fs/cgroup/memory.max", "134217728\n");
        write("sys/fs/cgroup/cpu.max", "50000 100000\n");
        assertThat(memory()).isEqualTo(128);
        assertThat(processors()).isEqualTo(1);
    }

    @Test
    void version1IsUnderstoodToo() throws Exception {
        write("proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "536870912\n");
        write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "300000\n");
        write("sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000\n");
        assertThat(memory()).isEqualTo(512);
        assertThat(processors()).isEqualTo(3);
    }

    @Test
    void aVersion1ContainerSeesAPathThatIsNotThere() throws Exception {
        write("proc/self/cgroup", "4:memory:/docker/0123456789\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
        assertThat(memory()).isEqualTo(512);
    }

    @Test
    void aLimitAboveTheMachineIsNone() throws Exception {
        write("proc/self/cgroup", "0::/\n");
        write("sys/fs/cgroup/memory.max", "8589934592\n");
        write("sys/fs/cgroup/cpu.max", "6400000 100000\n");
        assertThat(memory()).isEqualTo(4096);
        assertThat(processors()).isEqualTo(8);
    }

    private void write(String name, String content) throws IOException {
        Path file = fs.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private int memory() throws Exception {
        return ask("memory_mib");
    }

    private int processors() throws Exception {
        return ask("nproc() { echo 8; }; processors");
    }

    private int ask(String function) throws Exception {
        var shell = new ProcessBuilder(
                        "bash",
                        "-euo",
                        "pipefail",
                        "-c",
                        ". ../.ci/machine.sh; fs=$1; " + function + "; echo $REPLY",
                        "-",
                        fs.toString())
                .redirectErrorStream(true)
                .start();
        String answer = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(answer).isZero();
        return Integer.parseInt(answer.strip());
    }
}
