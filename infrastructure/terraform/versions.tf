terraform {
  # 1.9 is the first version whose validation blocks may look at other variables.
  # terraform_data is built in: nothing is downloaded until you add your provider here.
  required_version = ">= 1.9"
}
