import { NamedPage } from '../shared/Named';

export default function Groups() {
  return <NamedPage kind="group" />;
}
